import type Dockerode from "dockerode";
import { dockerAt, dockerErrorOf, isStatus, messageOf } from "./docker/client";
import { runIn } from "./docker/exec";
import { imageOf, type Bytes, type Image } from "./docker/images";
import { LABELS, type Ownership } from "./docker/labels";
import { linesOf, type ContainerLine, type LogOptions } from "./docker/logs";
import { assertSubnetFree, makeNetwork } from "./docker/networks";
import { createOptions, dockerName } from "./docker/options";
import { foundEnvironments, removeAll } from "./docker/remove";
import { EnvironmentError } from "./errors";
import type { HostLimits } from "./host";
import { latestOnly } from "./latest";
import type { ContainerPlan, EnvironmentPlan, TestPlan } from "./plan";

/** Milliseconds between two looks at a container's health, and that one look may take. */
const LOOK_MS = 200;
const CHECK_MS = 10_000;
/** Lines of a container that ended which are told. */
const LAST_LINES = 20;

/** Who hears of what is done, and can end it. */
export interface Watch {
  signal: AbortSignal;
  /** A line for people. */
  say: (text: string) => Promise<void>;
  progress: (done: number, total: number, message: string) => Promise<void>;
}

/** A container as it is. */
export interface ContainerState {
  id: string;
  name: string;
  node: string;
  image: string;
  /** As Docker says: created, running, exited. */
  state: string;
  address: string | null;
}

/** How a test ended. */
export interface TestResult {
  name: string;
  container: string;
  passed: boolean;
  /** Null: it took too long. */
  exit_code: number | null;
  seconds: number;
  /** The end of what it printed, and why it failed. */
  output: string;
}

/** Makes environments in a Docker Engine. Nothing is kept here: what is there stands in Docker's labels. */
export class Driver {
  private client: Dockerode | undefined;
  private networking: Promise<unknown> = Promise.resolve();

  /** @param address Undefined: there is none, and all is refused as when it were down. */
  constructor(
    private readonly address: string | undefined,
    private readonly offline: boolean,
  ) {}

  get isNamed(): boolean {
    return this.address !== undefined;
  }

  async host(): Promise<HostLimits> {
    return this.asking(async (docker) => {
      const { NCPU: cpus, MemTotal: memoryBytes } = (await docker.info()) as { NCPU: number; MemTotal: number };
      return { cpus, memoryBytes };
    });
  }

  async assertSubnetFree(subnet: string): Promise<void> {
    await this.asking((docker) => assertSubnetFree(docker, subnet));
  }

  /** Makes all containers, and starts none. What was there of the environment is removed before. */
  async make(plan: EnvironmentPlan, owner: Ownership, watch: Watch): Promise<Made> {
    return this.asking(async (docker) => {
      await removeAll(docker, owner.environment);
      const images = await this.images(docker, plan, watch);
      const subnet = await this.network(docker, owner, plan.subnet);
      await watch.say(`network ${subnet}`);
      const notices = new Set<string>();
      const network = dockerName(owner.environment);
      for (const container of plan.waves.flat()) {
        watch.signal.throwIfAborted();
        const image = images.get(container.image);
        if (!image) throw new Error(`image ${container.image} was looked for`);
        const place = { ...owner, network, imageId: image.id };
        const notice = await createContainer(docker, container, place);
        if (notice !== undefined) notices.add(notice);
        await watch.say(`${container.name}: ${image.name} ${image.digest ?? image.id}`);
      }
      return { subnet, images: [...images.values()], notices: [...notices] };
    });
  }

  /** Starts containers, wave after wave, each once the one before is healthy. */
  async start({ waves }: EnvironmentPlan, environment: string, watch: Watch): Promise<void> {
    await this.asking(async (docker) => {
      const total = waves.flat().length;
      let done = 0;
      for (const wave of waves) {
        for (const { name } of wave) await startContainer(docker.getContainer(dockerName(environment, name)));
        await Promise.all(
          wave.map(async (plan) => {
            await whenHealthy(docker.getContainer(dockerName(environment, plan.name)), plan, watch.signal);
            await watch.say(`${plan.name}: healthy`);
            await watch.progress(++done, total, `${plan.name} is healthy`);
          }),
        );
      }
    });
  }

  /** @returns how it ended; a test that fails is no error */
  async test(environment: string, test: TestPlan, signal: AbortSignal): Promise<TestResult> {
    return this.asking(async (docker) => {
      const { name, container, command, seconds, expect } = test;
      const since = Date.now();
      const one = docker.getContainer(dockerName(environment, container));
      const { code, output } = await runIn(one, command, seconds * 1000, signal);
      const isExpected = expect === undefined || output.includes(expect);
      const why =
        code === undefined
          ? `it took longer than ${seconds} s`
          : code === 137 && (await wasOutOfMemory(docker, dockerName(environment, container), since))
            ? "it was killed: the container needed more than its memory_mb"
            : code !== 0
              ? `it ended with ${code}`
              : `${JSON.stringify(expect)} does not stand in what it printed`;
      const passed = code === 0 && isExpected;
      return {
        ...{ name, container, passed, exit_code: code ?? null, seconds: (Date.now() - since) / 1000 },
        output: passed ? output.slice(-4096) : `${output.slice(-4096)}\n${why}`.trim(),
      };
    });
  }

  /** Removes all that is there of an environment. */
  async remove(environment: string): Promise<void> {
    await this.asking((docker) => removeAll(docker, environment));
  }

  async containers(environment: string): Promise<ContainerState[]> {
    return this.asking(async (docker) => {
      const filters = { label: [`${LABELS.environment}=${environment}`] };
      const found = await docker.listContainers({ all: true, filters });
      return found
        .map(({ Id, Labels, Image, State, NetworkSettings }) => ({
          ...{
            id: Id,
            name: Labels[LABELS.container] ?? "",
            node: Labels[LABELS.node] ?? "",
            image: Labels[LABELS.image] ?? Image,
            state: State,
          },
          address: addressIn(NetworkSettings),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  /** Lines of the containers of an environment. */
  async *logs(environment: string, options: LogOptions & { node?: string | undefined }): AsyncGenerator<ContainerLine> {
    const containers = await this.containers(environment);
    const asked = containers.filter(({ node, state }) => (options.node ?? node) === node && state !== "created");
    const docker = this.docker();
    yield* linesOf(
      asked.map(({ id, name }) => ({ name, container: docker.getContainer(id) })),
      options,
    );
  }

  /** Ids of environments of which anything is there, with whose they are. */
  async found(): Promise<Map<string, { owner: string; expiresAt: number }>> {
    return this.asking(foundEnvironments);
  }

  private async images(docker: Dockerode, { waves }: EnvironmentPlan, watch: Watch): Promise<Map<string, Image>> {
    const images = new Map<string, Image>();
    for (const name of new Set(waves.flat().map(({ image }) => image))) {
      watch.signal.throwIfAborted();
      const latest = latestOnly(({ done, total }: Bytes) => watch.progress(done, total, `pulling ${name}`));
      const onPull = () => watch.say(`pulling ${name}`);
      const { offline } = this;
      images.set(name, await imageOf(docker, name, { offline, signal: watch.signal, onPull, onProgress: latest.tell }));
      await latest.told();
    }
    return images;
  }

  /** One after the other: two that look at once would find the same free. */
  private async network(docker: Dockerode, owner: Ownership, wanted: string | undefined): Promise<string> {
    const made = this.networking.then(() => makeNetwork(docker, owner, wanted));
    this.networking = made.catch(() => undefined);
    return made;
  }

  private docker(): Dockerode {
    if (this.address === undefined) {
      throw new EnvironmentError("docker-none", "the orchestrator was started without a Docker");
    }
    return (this.client ??= dockerAt(this.address));
  }

  private async asking<T>(work: (docker: Dockerode) => Promise<T>): Promise<T> {
    try {
      return await work(this.docker());
    } catch (error) {
      throw dockerErrorOf(error, this.address ?? "");
    }
  }
}

/** Empty for one that does not run, and for one that has the network of another. */
function addressIn({ Networks }: { Networks: Record<string, { IPAddress: string }> }): string | null {
  const address = Object.values(Networks)[0]?.IPAddress ?? "";
  return address === "" ? null : address;
}

/** What was made. */
export interface Made {
  subnet: string;
  images: Image[];
  notices: string[];
}

/** @returns what of its limits cannot be enforced */
async function createContainer(
  docker: Dockerode,
  plan: ContainerPlan,
  place: Omit<Parameters<typeof createOptions>[1], "canLimitDisk">,
): Promise<string | undefined> {
  try {
    await docker.createContainer(createOptions(plan, { ...place, canLimitDisk: true }));
    return undefined;
  } catch (error) {
    if (plan.readOnly || !messageOf(error).includes("storage-opt")) throw error;
    await docker.createContainer(createOptions(plan, { ...place, canLimitDisk: false }));
    return `${plan.name}: disk_mb does not limit its root: Docker's storage driver cannot (${messageOf(error)}); read_only roots need no limit`;
  }
}

async function startContainer(container: Dockerode.Container): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    // It runs already.
    if (!isStatus(error, 304)) throw error;
  }
}

/** @throws EnvironmentError when it ends, or is not healthy in time */
async function whenHealthy(container: Dockerode.Container, plan: ContainerPlan, signal: AbortSignal): Promise<void> {
  const { name, health } = plan;
  for (const begun = Date.now(); ;) {
    signal.throwIfAborted();
    const { State: state } = await container.inspect();
    if (!state.Running) throw await ended(container, plan, state);
    if (!health) return;
    const { code, output } = await checked(container, health.command, signal);
    if (code === 0) return;
    if (Date.now() - begun > health.seconds * 1000) {
      const message = `${name}: not healthy within ${health.seconds} s: ${output.trim() || "its check says nothing"}`;
      throw new EnvironmentError("not-healthy", message);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function checked(container: Dockerode.Container, command: readonly string[], signal: AbortSignal) {
  try {
    return await runIn(container, command, CHECK_MS, signal);
  } catch (error) {
    // It has ended in between: the next look says so.
    if (isStatus(error, 404, 409)) return { code: undefined, output: messageOf(error) };
    throw error;
  }
}

async function ended(
  container: Dockerode.Container,
  { name, resources }: ContainerPlan,
  { OOMKilled: isOutOfMemory, ExitCode: code }: { OOMKilled: boolean; ExitCode: number },
): Promise<EnvironmentError> {
  if (isOutOfMemory) {
    const message = `${name}: killed, it needed more than its ${resources.memory_mb} MiB; raise memory_mb`;
    return new EnvironmentError("out-of-memory", message);
  }
  const lines: string[] = [];
  for await (const { text } of linesOf([{ name, container }], { follow: false, tail: LAST_LINES })) lines.push(text);
  const said = lines.length === 0 ? "it printed nothing" : lines.join("\n");
  return new EnvironmentError("container-ended", `${name}: ended with ${code}: ${said}`);
}

/** Whether the kernel has killed a process of a container for its memory limit. */
async function wasOutOfMemory(docker: Dockerode, container: string, since: number): Promise<boolean> {
  const filters = { container: [container], event: ["oom"] };
  // In whole seconds, and it must not wait for events that are yet to come.
  const range = { since: Math.floor(since / 1000), until: Math.floor(Date.now() / 1000) + 1 };
  const stream = await docker.getEvents({ ...range, filters });
  let text = "";
  for await (const chunk of stream) text += chunk.toString();
  return text.includes('"oom"');
}
