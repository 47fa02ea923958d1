import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { configData } from "../../../components/nats/manifests";
import { waitFor } from "../support/wait";
import { filesIn, unpackImage } from "./image";
import { projectedFiles, type Container, type PlainObjects, type ProbeName } from "./manifests";

const run = promisify(execFile);

/** Who a pod is. */
export interface PodIdentity {
  /** Name, as the StatefulSet gives it: `nats-0`. */
  name: string;
  /** Address on the loopback network. */
  ip: string;
}

/**
 * A pod of a NATS StatefulSet, run from its manifests without Kubernetes: every volume a directory of a root file
 * system of its own, the files of ConfigMap and Secrets where the manifests put them, byte for byte, and an address of
 * its own on the loopback network, so that the fixed ports are free. {@link NatsPods} makes them.
 */
export class NatsPod {
  /** Everything the server has logged since its last start. */
  log = "";
  readonly name: string;
  readonly ip: string;
  /** When the server's process was last started, as `Date.now()` tells it. */
  startedAt = NaN;
  #process: ChildProcess | undefined;
  #beside: ChildProcess[] = [];
  #imageFiles = new Set<string>();

  private constructor(
    identity: PodIdentity,
    /** Root of its file system. */
    readonly root: string,
    private objects: PlainObjects,
  ) {
    this.name = identity.name;
    this.ip = identity.ip;
  }

  /** Makes the file system; {@link start} starts the server. */
  static async create(natsServer: string, identity: PodIdentity, objects: PlainObjects): Promise<NatsPod> {
    const root = await mkdtemp(join(tmpdir(), "nats-pod-"));
    const pod = new NatsPod(identity, root, structuredClone(objects));
    await unpackImage(root, [natsServer]);
    pod.#imageFiles = new Set(await filesIn(root));
    await pod.place();
    return pod;
  }

  /** Whether the server runs. */
  get running(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  /** Id of the server's process. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Writes what the kubelet writes into every pod: addresses of names. */
  async writeHosts(text: string): Promise<void> {
    await this.write("/etc/hosts", `127.0.0.1 localhost\n${this.ip} ${this.name}\n${text}`);
  }

  /** Runs the container until it accepts connections, or ends. */
  async start(): Promise<void> {
    const args = [...this.container.args, "-a", this.ip];
    this.startedAt = Date.now();
    const child = spawn("unshare", ["-Ur", `--root=${this.root}`, "nats-server", ...args], { env: this.environment() });
    this.#process = child;
    this.log = "";
    child.stderr.on("data", (data: Buffer) => (this.log += data.toString()));
    await waitFor(`nats-server of ${this.name} to start`, () => {
      if (child.exitCode !== null) throw new Error(`nats-server exited with ${child.exitCode}:\n${this.log}`);
      return this.log.includes("Server is ready") || undefined;
    });
  }

  /**
   * Runs the container of this name beside the server, until the pod is removed. It shares the server's files and, as the
   * pod's containers do, its processes.
   *
   * @returns everything it has printed so far
   */
  startBeside(name: string): () => string {
    const container = this.objects.statefulSet.spec.template.spec.containers.find((each) => each.name === name);
    if (!container?.command) throw new Error(`no container ${name} with a command`);
    const env = {
      PATH: `/bin:${process.env.PATH ?? ""}`,
      ...Object.fromEntries(container.env.map((each) => [each.name, each.value ?? ""])),
    };
    const child = spawn("unshare", ["-Ur", `--root=${this.root}`, ...container.command], { env, detached: true });
    this.#beside.push(child);
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => (printed += data.toString()));
    return () => printed;
  }

  /** Gives the pod other objects, and projects them as the kubelet would; {@link reload} or a new start reads them. */
  async change(objects: Partial<PlainObjects>): Promise<void> {
    Object.assign(this.objects, structuredClone(objects));
    await this.place();
  }

  /** Makes the Secret hold something else, and projects it. */
  async changeSecret(stringData: Record<string, string>): Promise<void> {
    await this.change({ secret: { ...this.objects.secret, stringData } });
  }

  /** Makes nats.conf something else, and projects it. */
  async changeConf(conf: string): Promise<void> {
    await this.change({ configMap: { ...this.objects.configMap, data: configData(conf) } });
  }

  /** Tells the server to read its configuration again. @returns what it logs about it */
  async reload(): Promise<string> {
    const before = this.log.length;
    this.#process?.kill("SIGHUP");
    return waitFor("the reload", () => {
      const news = this.log.slice(before);
      return /Reloaded server configuration|Failed to reload/.test(news) ? news : undefined;
    });
  }

  /**
   * Stops the container as the kubelet does: preStop hook, and SIGTERM as soon as that returns, or so many milliseconds
   * later.
   *
   * @returns the exit code
   */
  async terminate(sigtermAfter = 0): Promise<number> {
    const ended = this.ended();
    await this.preStop();
    await delay(sigtermAfter);
    this.#process?.kill("SIGTERM");
    return ended;
  }

  /** Runs the preStop hook alone, until it returns. */
  async preStop(): Promise<void> {
    const [command, ...args] = this.container.lifecycle.preStop.exec.command;
    await this.exec(command, ...args).catch(() => {
      // Without consequence for the kubelet, too.
    });
  }

  /** Sends a signal to the server alone. @returns the exit code, -1 after an unhandled signal */
  async signal(signal: "SIGTERM" | "SIGKILL" | "SIGUSR2"): Promise<number> {
    const ended = this.ended();
    this.#process?.kill(signal);
    return ended;
  }

  /** Stops the container at once: `kill -9`. */
  async kill(): Promise<void> {
    if (this.running) await this.signal("SIGKILL");
  }

  /** Empties the volumes that do not outlive the pod, or also those that do. */
  async emptyVolumes(which: "temporary" | "all"): Promise<void> {
    const claims = new Set(this.objects.statefulSet.spec.volumeClaimTemplates.map(({ metadata }) => metadata.name));
    for (const { name, mountPath } of this.container.volumeMounts) {
      if (which === "temporary" && claims.has(name)) continue;
      await rm(join(this.root, mountPath), { recursive: true, force: true });
    }
    await this.place();
  }

  /** Ends everything and removes the file system. */
  async remove(): Promise<void> {
    // With the commands that a shell is running.
    for (const { pid, exitCode } of this.#beside) {
      if (pid !== undefined && exitCode === null) process.kill(-pid, "SIGKILL");
    }
    await this.kill();
    await rm(this.root, { recursive: true, force: true });
  }

  /** The HTTP status that a probe gets; 0 without an answer. */
  async probe(name: ProbeName): Promise<number> {
    const { path, port } = this.container[name].httpGet;
    const number = this.container.ports.find((candidate) => candidate.name === port)?.containerPort;
    return this.status(path, number ?? Number(port));
  }

  /** The HTTP status of a path of the monitoring endpoint; 0 without an answer. */
  async status(path: string, port = 8222): Promise<number> {
    try {
      const response = await fetch(`http://${this.ip}:${port}${path}`);
      await response.body?.cancel();
      return response.status;
    } catch {
      return 0;
    }
  }

  /** Waits until the kubelet would call the pod ready: startup probe, then readiness probe. */
  async ready(limit = 60_000): Promise<void> {
    for (const name of ["startupProbe", "readinessProbe"] as const) {
      await waitFor(`${name} of ${this.name}`, async () => (await this.probe(name)) === 200 || undefined, { limit });
    }
  }

  /** Asks the monitoring endpoint. */
  async monitor<T>(path: string): Promise<T> {
    return (await (await fetch(`http://${this.ip}:8222${path}`)).json()) as T;
  }

  /** Runs a command in the container. @returns what it prints */
  async exec(command: string, ...args: string[]): Promise<string> {
    const options = { env: this.environment() };
    return (await run("unshare", ["-Ur", `--root=${this.root}`, command, ...args], options)).stdout;
  }

  /** Every file in the file system that is not of the image, relative to its root. */
  async files(): Promise<string[]> {
    return (await filesIn(this.root)).filter((file) => !this.#imageFiles.has(file));
  }

  /** Waits until the kubelet finds the pod ready: as {@link ready}, but the probes are asked only once a period. */
  async foundReady(): Promise<void> {
    await this.passes("startupProbe");
    // The kubelet asks for readiness as soon as the container has started.
    if ((await this.probe("readinessProbe")) !== 200) await this.passes("readinessProbe");
  }

  /** Waits until the StatefulSet controller goes on to the next pod: found ready, and `minReadySeconds` more. */
  async available(): Promise<void> {
    await this.foundReady();
    await delay(1000 * (this.objects.statefulSet.spec.minReadySeconds ?? 0));
  }

  /** Asks a probe when the kubelet would, counted from the start of the container, until it answers 200. */
  private async passes(name: ProbeName): Promise<void> {
    const { initialDelaySeconds = 0, periodSeconds } = this.container[name];
    const [first, period] = [this.startedAt + initialDelaySeconds * 1000, periodSeconds * 1000];
    do {
      const periods = Math.max(0, Math.ceil((Date.now() - first) / period));
      await delay(first + periods * period - Date.now());
    } while ((await this.probe(name)) !== 200);
  }

  private get container(): Container {
    return this.objects.statefulSet.spec.template.spec.containers[0];
  }

  private environment(): Record<string, string> {
    const fields: Record<string, string> = { "metadata.name": this.name, "status.podIP": this.ip };
    const pairs = this.container.env.map(({ name, value, valueFrom }) => {
      return [name, value ?? fields[valueFrom?.fieldRef.fieldPath ?? ""] ?? ""] as const;
    });
    // unshare itself stands in the machine's PATH, nats-server in the pod's.
    return { PATH: `/bin:${process.env.PATH ?? ""}`, ...Object.fromEntries(pairs) };
  }

  /** Makes the volumes, and writes the files that they are to hold. */
  private async place(): Promise<void> {
    for (const { mountPath } of this.container.volumeMounts) {
      await mkdir(join(this.root, mountPath), { recursive: true });
    }
    for (const volume of this.objects.statefulSet.spec.template.spec.volumes) {
      const mount = this.container.volumeMounts.find(({ name }) => name === volume.name);
      for (const [path, content] of projectedFiles(volume, this.objects)) {
        await this.write(join(mount?.mountPath ?? "", path), content);
      }
    }
  }

  private async write(path: string, content: string): Promise<void> {
    const file = join(this.root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  private async ended(): Promise<number> {
    if (!this.#process) throw new Error("the pod never started");
    if (!this.running) return this.#process.exitCode ?? -1;
    const [code] = (await once(this.#process, "exit")) as [number | null];
    return code ?? -1;
  }
}
