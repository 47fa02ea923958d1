import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Queue } from "../queue/queue";
import type { Execute } from "../queue/runner";
import { Refusal } from "../tasks/errors";
import type { JsonObject } from "../tasks/json";
import { hasEnded } from "../tasks/states";
import { Redactor } from "../redact";
import type { Catalog } from "./catalog";
import type { ContainerLine } from "./docker/logs";
import { Driver, type ContainerState } from "./driver";
import { DockerDown, EnvironmentError } from "./errors";
import { assertAllowed, assertFits } from "./host";
import { planOf } from "./plan";
import { Records, type EnvironmentRecord } from "./record";
import type { CreateRequest, RunRequest } from "./schema";
import { cleanly, redactorOf } from "./told";
import { environmentWork, testsOf } from "./work";

export interface EnvironmentSettings {
  /** As `unix:///var/run/docker.sock`. Undefined: there is no Docker, and every request for one is refused. */
  docker?: string | undefined;
  /** Never pull an image. */
  offline?: boolean | undefined;
  allowPrivileged?: boolean | undefined;
  /** Folder with further `templates` and `taskservs`, for whoever reads the catalog. */
  folder?: string | undefined;
  /** Takes secrets out of what containers tell. Default: what looks like one, and what the request has in secret fields. */
  redactor?: Redactor | undefined;
}

/** Milliseconds between two looks for what is to be removed. */
const TICK_MS = 15_000;
/** Milliseconds after which what another orchestrator left is anybody's to remove. */
const FOREIGN_MS = 10 * 60_000;
/** Milliseconds that a record may be without a task: its submission was interrupted. */
const ORPHAN_MS = 60_000;

/** Test environments: their records, their tasks, and what reaps them. */
export class Environments {
  /** Runs their tasks. */
  readonly execute: Execute;
  private offTick: () => void = () => undefined;
  private stopped = false;
  private wasDown = false;
  private readonly redactor: Redactor;

  private constructor(
    private readonly queue: Queue,
    readonly catalog: Catalog,
    readonly driver: Driver,
    private readonly records: Records,
    private readonly owner: string,
    private readonly settings: EnvironmentSettings,
    private readonly tell: (event: string, message: string) => void,
  ) {
    const { allowPrivileged = false } = settings;
    const redactor = (this.redactor = (settings.redactor ?? new Redactor()).with(catalog.own.secrets));
    this.execute = environmentWork({ driver, records, catalog, owner, allowPrivileged, redactor });
  }

  /**
   * @param tell Hears of what nobody asked for: environments that were reaped, a Docker that is down.
   */
  static async open(
    queue: Queue,
    catalog: Catalog,
    settings: EnvironmentSettings,
    tell: (event: string, message: string) => void,
  ): Promise<Environments> {
    const driver = new Driver(settings.docker, settings.offline ?? false);
    const records = new Records(queue.core.storage);
    const owner = await ownerOf(queue);
    const environments = new Environments(queue, catalog, driver, records, owner, settings, tell);
    if (driver.isNamed) void environments.tick();
    return environments;
  }

  stop(): void {
    this.stopped = true;
    this.offTick();
  }

  /**
   * Writes an environment down, and submits the task that makes it. The same key gives the same environment.
   *
   * @throws EnvironmentError, DockerDown, Refusal
   */
  async create(
    request: CreateRequest,
    by: string,
    key?: string,
  ): Promise<{ record: EnvironmentRecord; isNew: boolean }> {
    const id = `env-${key === undefined ? randomBytes(5).toString("hex") : hashed(key)}`;
    const before = key === undefined ? undefined : await this.records.find(id);
    if (before) {
      if (JSON.stringify(before.request) === JSON.stringify(request)) return { record: before, isNew: false };
      throw new Refusal("key-reused", "the key was used for another environment", { id });
    }
    const plan = planOf(request, this.catalog);
    const containers = plan.waves.flat();
    assertAllowed(containers, this.settings.allowPrivileged ?? false);
    await cleanly(redactorOf(this.redactor, [{ request }]), async () => {
      assertFits(containers, await this.driver.host());
      if (plan.subnet !== undefined) await this.driver.assertSubnetFree(plan.subnet);
    });
    const createdAt = this.queue.core.clock.now();
    const record: EnvironmentRecord = {
      ...{ id, name: request.name ?? id, status: "Creating", request, by, createdAt },
      ...{ expiresAt: createdAt + request.ttl_minutes * 60_000, images: [], notices: plan.notices },
    };
    await this.records.add(record);
    try {
      const task = await this.submit("create", record, {}, by);
      return { record: { ...record, task }, isNew: true };
    } catch (error) {
      await this.records.remove(id);
      throw error;
    }
  }

  async list(): Promise<EnvironmentRecord[]> {
    return this.records.all();
  }

  /** @throws EnvironmentError */
  async get(id: string): Promise<EnvironmentRecord> {
    return this.records.get(id);
  }

  /** The containers of an environment, as they are. @throws EnvironmentError, DockerDown */
  async containers(record: EnvironmentRecord): Promise<ContainerState[]> {
    return cleanly(redactorOf(this.redactor, [record]), () => this.driver.containers(record.id));
  }

  /** What they print, without secrets: programs like to print what they were started with. */
  async *logs(record: EnvironmentRecord, options: Parameters<Driver["logs"]>[1]): AsyncGenerator<ContainerLine> {
    const redactor = redactorOf(this.redactor, [record]);
    for await (const line of this.driver.logs(record.id, options)) yield { ...line, text: redactor.text(line.text) };
  }

  /** Submits a run of tests. @returns the task's id @throws EnvironmentError, Refusal */
  async run(id: string, { tests, script, node, timeout_seconds: seconds }: RunRequest, by: string): Promise<string> {
    const record = await this.records.get(id);
    if (record.status === "Failed" || record.status === "Cleaned" || record.status === "Deleting") {
      throw new EnvironmentError("wrong-state", `environment ${id} is ${record.status}: no tests run in it`, "id");
    }
    const input: JsonObject = {
      ...(tests.length > 0 && { tests }),
      ...(script !== undefined && { script, timeout_seconds: seconds }),
      ...(node !== undefined && { node }),
    };
    testsOf(planOf(record.request, this.catalog), input);
    return this.submit("test", record, input, by);
  }

  /** Submits its removal; what is at work on it is stopped. @returns the task's id @throws EnvironmentError, Refusal */
  async remove(id: string, by: string): Promise<string> {
    const record = await this.records.get(id);
    const { task } = record;
    if (task !== undefined && !(await this.hasEnded(task))) {
      if (record.status === "Deleting") return task;
      // It may end by itself in between.
      await this.queue.cancel(task, by, "its environment is deleted").catch(unlessRefused);
    }
    await this.records.change(id, { status: "Deleting" });
    return this.submit("destroy", record, {}, by);
  }

  private async submit(
    operation: "create" | "test" | "destroy",
    { id, name }: EnvironmentRecord,
    input: JsonObject,
    by: string,
  ): Promise<string> {
    const { task } = await this.queue.submit(
      // Named as a stack: one task at a time works on an environment.
      { kind: "test_environment", operation, stack: id, name, input: { environment: id, ...input } },
      by,
    );
    await this.records.change(id, { task: task.id });
    return task.id;
  }

  private async hasEnded(task: string): Promise<boolean> {
    const state = await this.queue.core.storage.stateOf(task);
    return state === undefined || hasEnded(state);
  }

  /** Removes what is over, and what nobody has any more; at the start, and every while. */
  private async tick(): Promise<void> {
    try {
      await this.expire();
      await this.reap();
      this.wasDown = false;
    } catch (error) {
      if (!this.stopped && !(this.wasDown && error instanceof DockerDown)) await this.warn(error);
      this.wasDown = error instanceof DockerDown;
    }
    if (!this.stopped) this.offTick = this.queue.core.clock.after(TICK_MS, () => void this.tick());
  }

  /** It may be about any of them. */
  private async warn(error: unknown): Promise<void> {
    const all = await this.records.all().catch(() => []);
    const message = error instanceof Error ? error.message : String(error);
    this.tell("environments", redactorOf(this.redactor, all).text(message));
  }

  private async expire(): Promise<void> {
    const now = this.queue.core.clock.now();
    for (const { id, status, expiresAt, createdAt, task } of await this.records.all()) {
      if (this.stopped) return;
      const isIdle = task === undefined ? now > createdAt + ORPHAN_MS : await this.hasEnded(task);
      if (!isIdle && now < expiresAt) continue;
      if (now >= expiresAt ? status !== "Deleting" || isIdle : status === "Deleting") {
        this.tell("environment-removed", `${id}: ${now >= expiresAt ? "its time is over" : "its removal goes on"}`);
        await this.remove(id, "orchestrator");
      } else if (status === "Creating" || status === "Testing") {
        const error = { code: "interrupted", message: "its task has ended without it" };
        await this.records.change(id, { status: "Failed", error });
      }
    }
  }

  private async reap(): Promise<void> {
    const found = await this.driver.found();
    const now = this.queue.core.clock.now();
    for (const [id, { owner, expiresAt }] of found) {
      // Read after what is found: whoever makes one writes it down first.
      const record = owner === this.owner ? await this.records.find(id) : undefined;
      const isLeft = owner === this.owner ? !record || !mayHaveContainers(record.status) : now > expiresAt + FOREIGN_MS;
      if (!isLeft || this.stopped) continue;
      await this.driver.remove(id);
      this.tell("environment-reaped", `${id}: nobody has it any more`);
    }
  }
}

function mayHaveContainers(status: EnvironmentRecord["status"]): boolean {
  return status !== "Failed" && status !== "Cleaned";
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

function hashed(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 10);
}

/** Name of the storage: what was made by an earlier process with it is ours. */
async function ownerOf({ core: { storage } }: Queue): Promise<string> {
  const [collection, id] = ["test-environment-owner", "owner"];
  for (;;) {
    const known = await storage.document(collection, id);
    if (known) return JSON.stringify(known.value);
    try {
      const { durable } = await storage.commit({ documents: [{ collection, id, revision: 0, value: randomUUID() }] });
      await durable;
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "conflict")) throw error;
    }
  }
}
