import type { Environment } from "../../../tools/cache";
import type { ToolPath } from "../../../tools/find";
import type { SupervisedProcess, Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { type ComponentName, COMPONENTS } from "./components";
import { ClusterError, componentFailure } from "./failure";

/** The executable of each component. */
export type ComponentTools = Record<ComponentName, ToolPath>;

/** What the components of a cluster are run with. */
export interface ComponentsOptions {
  supervisor: Supervisor;
  tools: ComponentTools;
  env: Environment;
  arguments: Record<ComponentName, string[]>;
}

/** The components of a cluster. */
export interface Components {
  /** Starts components side by side. */
  start(...names: ComponentName[]): Promise<void>;
  /** Ends a component, as a crash would. */
  kill(name: ComponentName): Promise<void>;
  /** @returns the log of each component; all must have been started */
  logs(): Record<ComponentName, string>;
  /**
   * Waits until something is so.
   *
   * @param name component to blame when it does not become so
   * @param problem what is wrong then
   * @param look is asked again when it rejects
   * @throws ClusterError also when any component ends meanwhile
   */
  until(name: ComponentName, problem: string, look: () => Promise<boolean>): Promise<void>;
  /** @returns what led to an error: a component that has ended, or else the error itself */
  explain(error: Error): ClusterError;
}

/** Runs the components of a cluster under a supervisor; none is started yet. */
export function runComponents({ supervisor, tools, env, arguments: args }: ComponentsOptions): Components {
  const environment = {
    // None of them reads the user's settings.
    HOME: supervisor.folder,
    // They live shortly, and may use memory to save time.
    GOGC: "400",
  };
  const running = new Map<ComponentName, SupervisedProcess>();
  const get = (name: ComponentName): SupervisedProcess => {
    const component = running.get(name);
    if (component === undefined) throw new ClusterError(`${name} does not run`);
    return component;
  };
  const ended = (): SupervisedProcess | undefined =>
    [...running.values()].find((component) => component.exit() !== undefined);
  return {
    start: async (...names) => {
      const starts = names.map(async (name) => {
        const spec = { name, command: tools[name].path, arguments: args[name], environment };
        running.set(name, await supervisor.start(spec));
      });
      await Promise.all(starts);
    },
    kill: async (name) => {
      await get(name).kill();
      running.delete(name);
    },
    logs: () => Object.fromEntries(COMPONENTS.map((name) => [name, get(name).log])) as Record<ComponentName, string>,
    until: async (name, problem, look) => {
      const lookUnlessEnded = async (): Promise<true | undefined> => {
        if (ended() !== undefined) throw new Error("a component has ended");
        return (await look().catch(() => false)) ? true : undefined;
      };
      try {
        await waitFor(name, lookUnlessEnded);
      } catch {
        throw componentFailure(ended() ?? get(name), problem, env);
      }
    },
    explain: (error) => {
      const blamed = ended();
      if (blamed !== undefined) return componentFailure(blamed, "", env);
      return error instanceof ClusterError
        ? error
        : new ClusterError(`the test cluster did not come up: ${error.message}`);
    },
  };
}
