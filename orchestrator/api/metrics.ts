import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { NatsState } from "../dispatch/connection";
import type { Queue } from "../queue/queue";
import { STATES } from "../tasks/states";
import { STATUS } from "./task-view";

/** Metrics of the service, for Prometheus. No label has a value that a request chooses. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests: Histogram<"route" | "method" | "status">;
  private readonly offQueue: () => void;

  /**
   * @param streams How many streams are open.
   * @param more Metrics of other things.
   */
  constructor(
    queue: Queue,
    streams: () => number,
    private readonly more?: Registry,
  ) {
    const registers = [this.registry];
    this.requests = new Histogram({
      name: "noetl_orchestrator_http_request_seconds",
      help: "Time from a request's arrival to its answer.",
      labelNames: ["route", "method", "status"],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    const transitions = new Counter({
      name: "noetl_orchestrator_transitions_total",
      help: "Moves of tasks, by the status they moved to.",
      labelNames: ["kind", "operation", "status"],
      registers,
    });
    const seconds = new Histogram({
      name: "noetl_orchestrator_task_seconds",
      help: "Time from the last start of a task to its end.",
      labelNames: ["kind", "operation", "status"],
      buckets: [1, 5, 15, 60, 300, 900, 3600],
      registers,
    });
    this.offQueue = queue.listen((event) => {
      if (event.type !== "task" || event.note.to === undefined) return;
      const { kind, operation, startedAt, endedAt } = event.task;
      const labels = { kind, operation, status: STATUS[event.note.to] };
      transitions.inc(labels);
      if (startedAt !== undefined && endedAt !== undefined && event.note.to === event.task.state)
        seconds.observe(labels, Math.max(0, endedAt - startedAt) / 1000);
    });
    const { storage } = queue.core;
    new Gauge({
      name: "noetl_orchestrator_tasks",
      help: "Tasks, by status.",
      labelNames: ["status"],
      registers,
      async collect() {
        const counts = await storage.counts();
        for (const state of STATES) this.set({ status: STATUS[state] }, counts[state]);
      },
    });
    new Gauge({
      name: "noetl_orchestrator_waiting",
      help: "Tasks that have not ended, by what they wait for.",
      labelNames: ["for"],
      registers,
      collect() {
        for (const [what, count] of Object.entries(queue.counts())) this.set({ for: what }, count);
      },
    });
    new Gauge({
      name: "noetl_orchestrator_storage_ok",
      help: "1: the storage takes new tasks.",
      registers,
      collect() {
        this.set(storage.health().state === "ok" ? 1 : 0);
      },
    });
    new Gauge({
      name: "noetl_orchestrator_streams",
      help: "Open streams of events.",
      registers,
      collect() {
        this.set(streams());
      },
    });
    new Gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory.",
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  /** Metrics of the connection by which tasks are handed out. */
  addNats(state: Readonly<NatsState>): void {
    const registers = [this.registry];
    new Gauge({
      name: "noetl_orchestrator_nats_connected",
      help: "1: NATS answers, by which tasks are handed out.",
      registers,
      collect() {
        this.set(state.isConnected ? 1 : 0);
      },
    });
    new Counter({
      name: "noetl_orchestrator_nats_losses_total",
      help: "How often the connection to NATS was lost.",
      registers,
      collect() {
        this.reset();
        this.inc(state.losses);
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** @param route As documented, never as asked for: an address must not become a label. */
  answered(route: string, method: string, status: number, seconds: number): void {
    this.requests.observe({ route, method, status: String(status) }, seconds);
  }

  async text(): Promise<string> {
    return this.more ? Registry.merge([this.registry, this.more]).metrics() : this.registry.metrics();
  }

  close(): void {
    this.offQueue();
  }
}
