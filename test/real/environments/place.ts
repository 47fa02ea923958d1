import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentDetails, EnvironmentView } from "../../../orchestrator/api/environment-view";
import { ServiceProcess } from "../orchestrator/process";
import type { DockerEngine } from "./engine";
import { IMAGE } from "./images";

/** What a service answers about an environment. */
export interface Answered<T = EnvironmentView> {
  success: boolean;
  data: T;
  error: { code: string; message: string } | null;
}

const OWN_IMAGES = {
  ...{ etcd: IMAGE.etcd, nats: IMAGE.nats, postgres: IMAGE.postgres, redis: IMAGE.redis },
  ...{ noetl_schema: IMAGE.postgres, noetl_server: IMAGE.noetlServer, noetl_worker: IMAGE.noetlWorker },
};

/** Needs more memory than it may have. */
const HOG = `description = "Wants more than it may have"
image = "${IMAGE.busybox}"
command = ["dd", "if=/dev/zero", "of=/dev/null", "bs=64M"]
health = { command = ["false"] }
`;

/** An orchestrator, as its users start it, that makes environments in a Docker Engine; it survives its process. */
export class Place {
  private constructor(
    private readonly folder: string,
    private readonly engine: DockerEngine,
    private options: readonly string[],
    public service: ServiceProcess,
  ) {}

  /** @param options Of its command line. */
  static async start(engine: DockerEngine, options: readonly string[] = ["--offline"]): Promise<Place> {
    const folder = mkdtempSync(join(tmpdir(), "noetl-environments-"));
    mkdirSync(join(folder, "taskservs"));
    writeFileSync(join(folder, "taskservs/hog.toml"), HOG);
    return new Place(folder, engine, options, await serve(folder, engine, options));
  }

  async killed(): Promise<void> {
    await this.service.end("SIGKILL");
  }

  /** @param options Of its command line. Default: as before. */
  async restarted(options = this.options): Promise<void> {
    this.options = options;
    this.service = await serve(this.folder, this.engine, options);
  }

  async stop(): Promise<void> {
    await this.service.end("SIGTERM");
    rmSync(this.folder, { recursive: true });
  }

  /** Creates one, and waits for it unless told otherwise. */
  async create(config: object, more: object = {}): Promise<Answered> {
    const body = { config, images: OWN_IMAGES, auto_start: true, wait: true, wait_seconds: 300, ...more };
    return (await this.service.ask("POST", "/test/environments/create", body)) as Answered;
  }

  async run(id: string, body: object = {}): Promise<Answered> {
    const asked = { wait: true, wait_seconds: 300, ...body };
    return (await this.service.ask("POST", `/test/environments/${id}/run`, asked)) as Answered;
  }

  /** What a script prints on a node, and its exit code. */
  async script(id: string, script: string, node?: string): Promise<{ code: number | null; output: string }> {
    const { data } = await this.run(id, { script, ...(node !== undefined && { node }) });
    const [result] = data.tests ?? [];
    return { code: result?.exit_code ?? null, output: result?.output ?? "" };
  }

  async details(id: string): Promise<EnvironmentDetails> {
    return (await this.service.ask("GET", `/test/environments/${id}`)).data as EnvironmentDetails;
  }

  async removeAll(): Promise<void> {
    const { data } = (await this.service.ask("GET", "/test/environments")) as Answered<{ id: string }[]>;
    await Promise.all(data.map(({ id }) => this.remove(id)));
  }

  async remove(id: string): Promise<Answered<unknown>> {
    return (await this.service.ask(
      "DELETE",
      `/test/environments/${id}?wait=true&wait_seconds=300`,
    )) as Answered<unknown>;
  }
}

async function serve(folder: string, engine: DockerEngine, options: readonly string[]): Promise<ServiceProcess> {
  const data = join(folder, "data");
  return ServiceProcess.start([
    ...["--data-dir", data, "--docker", engine.address, "--environments", folder, ...options],
  ]);
}

/** Bare machines of busybox. */
export function machines(nodes: Record<string, object>, network: object = {}): object {
  const taskservs = ["shell"];
  return {
    type: "cluster_topology",
    topology: {
      nodes: Object.entries(nodes).map(([name, more]) => ({ name, taskservs, base_image: IMAGE.busybox, ...more })),
      network,
    },
  };
}
