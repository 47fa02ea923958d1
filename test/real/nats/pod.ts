import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type * as k8s from "@pulumi/kubernetes";
import { waitFor } from "../support/wait";

/** Objects a pod is made of, as the builders return them. They hold no Outputs. */
export interface PodObjects {
  statefulSet: k8s.apps.v1.StatefulSetArgs;
  configMap: k8s.core.v1.ConfigMapArgs;
  secret: k8s.core.v1.SecretArgs;
}

/** What this stand-in of a kubelet reads of them. */
interface Plain {
  statefulSet: {
    metadata: { name: string };
    spec: { template: { spec: { containers: [Container]; volumes: Volume[] } } };
  };
  configMap: { metadata: { name: string }; data: Record<string, string> };
  secret: { metadata: { name: string }; stringData: Record<string, string> };
}

interface Container {
  args: string[];
  env: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  ports: { name: string; containerPort: number }[];
  volumeMounts: { name: string; mountPath: string }[];
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle: { preStop: { exec: { command: [string, ...string[]] } } };
}

interface Probe {
  httpGet: { path: string; port: string };
}

interface Source {
  name: string;
  items: { key: string; path: string }[];
}

interface Volume {
  name: string;
  projected?: { sources: { configMap?: Source; secret?: Source }[] };
}

const run = promisify(execFile);

/** Why pods cannot run here; undefined when they can. */
export function podsImpossible(): string | undefined {
  const { status, error, stderr } = spawnSync("unshare", ["-Ur", "true"], { encoding: "utf8" });
  if (status === 0) return undefined;
  return `unprivileged user namespaces are not permitted: ${error?.message ?? stderr.trim()}`;
}

/**
 * Pod 0 of a NATS StatefulSet, run from its manifests without Kubernetes: every volume a directory of a root file
 * system of its own, the files of ConfigMap and Secret where the manifests put them, byte for byte, and an address of
 * its own on the loopback network, so that the fixed ports are free.
 */
export class NatsPod {
  /** Everything the server has logged. */
  log = "";
  #process: ChildProcess | undefined;

  private constructor(
    /** Address of the server. */
    readonly ip: string,
    /** Root of its file system. */
    readonly root: string,
    private readonly objects: Plain,
  ) {}

  /** Makes the file system; {@link start} starts the server. */
  static async create(natsServer: string, objects: PodObjects): Promise<NatsPod> {
    const root = await mkdtemp(join(tmpdir(), "nats-pod-"));
    const pod = new NatsPod(freeAddress(), root, objects as unknown as Plain);
    await mkdir(join(root, "bin"));
    await copyFile(natsServer, join(root, "bin/nats-server"));
    for (const { mountPath } of pod.container.volumeMounts) await mkdir(join(root, mountPath), { recursive: true });
    await pod.project();
    return pod;
  }

  /** Runs the container until it accepts connections, or ends. */
  async start(): Promise<void> {
    const args = [...this.container.args, "-a", this.ip];
    const child = spawn("unshare", ["-Ur", `--root=${this.root}`, "nats-server", ...args], { env: this.environment() });
    this.#process = child;
    this.log = "";
    child.stderr.on("data", (data: Buffer) => (this.log += data.toString()));
    await waitFor("nats-server to start", () => {
      if (child.exitCode !== null) throw new Error(`nats-server exited with ${child.exitCode}:\n${this.log}`);
      return this.log.includes("Server is ready") || undefined;
    });
  }

  /** Makes the Secret hold something else, and projects it as the kubelet would. */
  async changeSecret(stringData: Record<string, string>): Promise<void> {
    this.objects.secret.stringData = stringData;
    await this.project();
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
   * Stops the container as the kubelet does: preStop hook, then SIGTERM. The hook only sends a signal, and a SIGTERM that
   * the server meets first ends it at once; the kubelet's way from hook to SIGTERM takes longer than that, this one waits.
   *
   * @returns the exit code
   */
  async terminate(): Promise<number> {
    const ended = this.ended();
    const [command, ...args] = this.container.lifecycle.preStop.exec.command;
    await run("unshare", ["-Ur", `--root=${this.root}`, command, ...args], { env: this.environment() });
    await waitFor("lame-duck mode", () => this.log.includes("Entering lame duck mode") || undefined);
    this.#process?.kill("SIGTERM");
    return ended;
  }

  /** Stops the container at once. */
  async kill(): Promise<void> {
    if (this.#process?.exitCode !== null) return;
    const ended = this.ended();
    this.#process.kill("SIGKILL");
    await ended;
    this.#process = undefined;
  }

  /** Ends everything and removes the file system. */
  async remove(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true });
  }

  /** The HTTP status that a probe gets. */
  async probe(name: "startupProbe" | "readinessProbe" | "livenessProbe"): Promise<number> {
    const { path, port } = this.container[name].httpGet;
    const number = this.container.ports.find((candidate) => candidate.name === port)?.containerPort;
    return (await fetch(`http://${this.ip}:${number ?? port}${path}`)).status;
  }

  /** Asks the monitoring endpoint. */
  async monitor<T>(path: string): Promise<T> {
    return (await (await fetch(`http://${this.ip}:8222${path}`)).json()) as T;
  }

  /** Every file in the file system, relative to its root. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name).slice(this.root.length));
  }

  private get container(): Container {
    return this.objects.statefulSet.spec.template.spec.containers[0];
  }

  private environment(): Record<string, string> {
    const fields: Record<string, string> = { "metadata.name": `${this.objects.statefulSet.metadata.name}-0` };
    const pairs = this.container.env.map(({ name, value, valueFrom }) => {
      return [name, value ?? fields[valueFrom?.fieldRef.fieldPath ?? ""] ?? ""] as const;
    });
    // unshare itself stands in the machine's PATH, nats-server in the pod's.
    return { PATH: `${process.env.PATH ?? ""}:/bin`, ...Object.fromEntries(pairs) };
  }

  private async project(): Promise<void> {
    const { configMap, secret, statefulSet } = this.objects;
    const data: Record<string, Record<string, string>> = {
      [`configMap ${configMap.metadata.name}`]: configMap.data,
      [`secret ${secret.metadata.name}`]: secret.stringData,
    };
    for (const { name, projected } of statefulSet.spec.template.spec.volumes) {
      const mount = this.container.volumeMounts.find((candidate) => candidate.name === name);
      for (const [kind, { name: object, items }] of (projected?.sources ?? []).flatMap(Object.entries<Source>)) {
        for (const { key, path } of items) {
          const file = join(this.root, mount?.mountPath ?? "", path);
          const content = data[`${kind} ${object}`]?.[key];
          if (content === undefined) throw new Error(`no key ${key} in ${kind} ${object}`);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, content);
        }
      }
    }
  }

  private async ended(): Promise<number> {
    if (!this.#process) throw new Error("the pod never started");
    const [code] = (await once(this.#process, "exit")) as [number | null];
    return code ?? -1;
  }
}

let pods = 0;

/** A loopback address that no other pod of this machine is likely to have. */
function freeAddress(): string {
  pods += 1;
  return `127.${100 + (pods % 100)}.${(process.pid >> 8) % 256}.${1 + (process.pid % 250)}`;
}
