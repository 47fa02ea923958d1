import type { Thresholds } from "../monitored";
import type { AlertingRule, RuleGroup } from "../rules";

/** The platform's own runbook of the flip. */
const RUNBOOK = "https://github.com/noetl/ops/blob/main/runbooks/noetl-cqrs-publish-only-flip.md";

const CONSUMER = '{stream="noetl_events",consumer="noetl_materializer"}';

const PUBLISHED = "(sum(rate(noetl_event_ingest_published_total[5m])) > 0)";

/**
 * Whether events that are only published get written: the guard of the flip, with the names, conditions and labels of the
 * platform's own rules.
 */
export function materializerGroup({ backlogWarning, backlogCritical }: Thresholds): RuleGroup {
  return {
    name: "noetl-materializer-lag",
    interval: "15s",
    scope: "namespace",
    rules: [
      {
        record: "noetl:materializer_backlog",
        expr: `max(noetl_worker_nats_consumer_pending${CONSUMER} + noetl_worker_nats_consumer_ack_pending${CONSUMER})`,
      },
      alert({
        alert: "MaterializerBacklogWarning",
        expr: `noetl:materializer_backlog > ${backlogWarning}`,
        for: "10m",
        severity: "warning",
        summary: "The materializer falls behind: {{ $value }} events wait",
        description: `More than ${backlogWarning} events have waited for ten minutes. Once the server only publishes events, the materializer is the one that writes them.`,
      }),
      alert({
        alert: "MaterializerBacklogCritical",
        expr: `noetl:materializer_backlog > ${backlogCritical}`,
        for: "5m",
        severity: "critical",
        summary: "The materializer is far behind: {{ $value }} events wait",
        description: `More than ${backlogCritical} events have waited for five minutes; what readers see is old. With the flip on, go back to shadow.`,
      }),
      alert({
        alert: "MaterializerBacklogGrowing",
        expr: `noetl:materializer_backlog > ${backlogWarning} and deriv(noetl:materializer_backlog[10m]) > 0`,
        for: "15m",
        severity: "critical",
        summary: "The materializer does not catch up: {{ $value }} events wait, and more every minute",
        description: "The backlog has grown for a quarter of an hour: events come faster than they are written.",
      }),
      alert({
        alert: "MaterializerStalledUnderGate",
        expr: `${PUBLISHED} and on () (sum(rate(noetl_worker_materializer_acked_total[5m])) == 0) and on () (noetl:materializer_backlog > 0)`,
        for: "5m",
        severity: "critical",
        summary: "Events are published, and none is written",
        description: "The flip is on, events wait, and the materializer has acknowledged none for five minutes.",
      }),
      alert({
        alert: "MaterializerProjectErrors",
        expr: "sum(rate(noetl_worker_materializer_project_errors_total[5m])) > 0",
        for: "5m",
        severity: "warning",
        summary: "Writing events fails; their batches come again",
        description:
          "The server refuses or fails to write what the materializer hands it. Nothing is lost: a batch is acknowledged after it is written.",
      }),
      alert({
        alert: "MaterializerAbsentUnderGate",
        expr: `${PUBLISHED} and on () absent(noetl_worker_materializer_acked_total)`,
        for: "5m",
        severity: "critical",
        summary: "Events are published, and nobody is there to write them",
        description:
          "The flip is on, and no worker tells of a materializer: the system pool is gone, or is not scraped.",
      }),
    ],
  };
}

function alert(rule: Omit<AlertingRule, "component" | "labels" | "runbookUrl">): AlertingRule {
  return {
    ...rule,
    component: "materializer",
    labels: { noetl_io_flip_guardrail: "publish-only" },
    runbookUrl: `${RUNBOOK}#${rule.alert.toLowerCase()}`,
  };
}
