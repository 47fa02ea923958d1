import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { firstLine, UserError } from "../../stacks/errors";
import type { Platform } from "../checks";
import { platformOf } from "../load-platform";

/** The text of a stack file, and the name of the stack. */
export interface StackText {
  stack: string;
  text: string;
  /** How messages call it. Default: `Pulumi.<stack>.yaml`. */
  file?: string;
  /** What the file was before: a secret that has been encrypted anew since then is rendered as another one. */
  former?: string | undefined;
}

/** A program that renders stacks: that of the working tree, or of a revision. */
export interface Program {
  /**
   * Renders the stack that a text describes.
   *
   * @throws UserError when the text has problems, or the program cannot be run
   */
  render(stack: StackText): Promise<Platform>;
  close(): void;
}

/**
 * The program that is running now. Recordings share the SDK's global state, so that it renders one after another.
 *
 * @param secretKey Of {@link Recording.secretKey}; the same for both sides.
 */
export function thisProgram(secretKey: Buffer): Program {
  let last: Promise<unknown> = Promise.resolve();
  return {
    render: ({ stack, text, file = `Pulumi.${stack}.yaml`, former }) => {
      const rendered = last.then(() => platformOf(file, text, { secretKey, former }));
      last = rendered.catch(() => undefined);
      return rendered;
    },
    close: () => undefined,
  };
}

/** What the child answers to one stack text. */
type Answer = { id: number } & (Platform | { failure: { message: string; isConfig: boolean } });

interface Waiting {
  resolve: (platform: Platform) => void;
  reject: (error: Error) => void;
}

/** A program of another revision cannot be run, or fails; not a mistake in a stack file. */
export class ProgramError extends UserError {}

/**
 * The program in a folder, run in a process of its own, which ends with {@link Program.close} or with this process.
 *
 * @param secretKey Of {@link Recording.secretKey}; the same for both sides. A program that is too old to know of it makes no
 * fingerprints.
 */
export function programIn(folder: string, secretKey: Buffer): Program {
  const waiting = new Map<number, Waiting>();
  let child: ChildProcess | undefined;
  let said = "";
  const start = (): ChildProcess => {
    const process = fork(join(__dirname, "child.cjs"), [folder], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      execArgv: [],
    });
    process.stderr?.on("data", (text: Buffer) => (said += text.toString()));
    process.on("message", (answer: Answer) => {
      const { resolve, reject } = waiting.get(answer.id) ?? {};
      waiting.delete(answer.id);
      if ("failure" in answer) {
        const { message, isConfig } = answer.failure;
        reject?.(isConfig ? new UserError(message) : new ProgramError(firstLine(message)));
      } else resolve?.(answer);
    });
    const ended = (): void => {
      for (const { reject } of waiting.values()) reject(new ProgramError(reasonIn(said)));
      waiting.clear();
    };
    process.on("close", ended).on("error", ended);
    return process;
  };
  let count = 0;
  return {
    render: (stack) =>
      new Promise((resolve, reject) => {
        child ??= start();
        const id = count++;
        waiting.set(id, { resolve, reject });
        // A child that has ended says so by itself.
        child.send({ id, ...stack, secretKey: secretKey.toString("hex") }, () => undefined);
      }),
    close: () => {
      if (child?.connected) child.disconnect();
    },
  };
}

/** The line of a stack trace that says what went wrong. */
function reasonIn(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  return lines.find((line) => /^(\w*Error\b|✘ \[ERROR\])/.test(line)) ?? lines.find(Boolean) ?? "it ended by itself";
}
