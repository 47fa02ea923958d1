import { Counter, Gauge, Registry } from "prom-client";
import type { ClusterView } from "../api/context";

/** Metrics of a node, whoever leads. */
export class NodeMetrics {
  readonly registry = new Registry();
  private readonly elections: Counter;

  constructor(view: () => ClusterView) {
    const registers = [this.registry];
    new Gauge({
      name: "noetl_orchestrator_leader",
      help: "1: this node leads.",
      registers,
      collect() {
        this.set(view().role === "leader" ? 1 : 0);
      },
    });
    new Gauge({
      name: "noetl_orchestrator_nodes",
      help: "Nodes that have given a sign of life lately, as this one sees it.",
      registers,
      collect() {
        this.set(view().nodes.length);
      },
    });
    this.elections = new Counter({
      name: "noetl_orchestrator_elections_total",
      help: "How often this node has begun to lead.",
      registers,
    });
  }

  elected(): void {
    this.elections.inc();
  }
}
