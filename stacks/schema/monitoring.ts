import { z } from "zod";
import { SEVERITIES } from "../../components/monitoring/rules";
import { httpUrl, labelName, line, objectName, promql, whole } from "./fields";

const percent = () => whole(1, 100);

const thresholds = z
  .strictObject({
    backlogWarning: whole(1, 1_000_000_000)
      .default(200)
      .describe("Events that wait for the materializer: from here on a warning."),
    backlogCritical: whole(1, 1_000_000_000)
      .default(2000)
      .describe("From here on it is critical; more than `backlogWarning`."),
    consumerLag: whole(1, 1_000_000_000)
      .default(100)
      .describe("Commands of a consumer that wait or are in work, and do not get fewer."),
    jetstreamPercent: percent().default(80).describe("How full JetStream's stores may be."),
    connectionPercent: percent().default(80).describe("How many of its connections PgBouncer may have in use."),
    certificateDays: whole(1, 365).default(7).describe("Days before a certificate ends."),
  })
  .prefault({})
  .describe("From where on somebody is told.");

const labels = (what: string) =>
  z
    .array(
      z
        .strictObject({ name: labelName().describe("Name of the label."), value: line(255).describe("Its value.") })
        .describe("A label."),
    )
    .max(20)
    .default([])
    .describe(what);

const customRule = z
  .strictObject({
    record: line(200).optional().describe("Name that the value is recorded under, such as `team:queue_depth`."),
    alert: line(200).optional().describe("Instead: name of the alert, such as `QueueTooLong`."),
    expr: promql().describe("PromQL on metrics of docs/monitoring.md, or on what a rule records."),
    for: line(20).optional().describe("How long it must hold, such as `10m`. Default: not at all."),
    severity: z.enum(SEVERITIES).optional().describe("How urgent an alert is; every alert needs it."),
    summary: line(500).optional().describe("What the alert says, in a line; every alert needs it."),
    description: line(2000).optional().describe("What it means. Default: the summary."),
    runbook: httpUrl().optional().describe("Page that says what to do; every alert needs it."),
    labels: labels("Further labels."),
  })
  .describe("A rule of your own.");

const customRules = z
  .array(
    z
      .strictObject({
        name: objectName().describe("Name of the group, and of the object that holds it."),
        interval: line(20).default("30s").describe("How often it is evaluated."),
        scope: z
          .enum(["namespace", "cluster"])
          .default("namespace")
          .describe(
            "`namespace`: it sees what is scraped in namespace `noetl`. `cluster`: everything; each selector then names a namespace.",
          ),
        rules: z.array(customRule).min(1).max(100).describe("Its rules, evaluated one after another."),
      })
      .describe("Rules that are evaluated together."),
  )
  .max(50)
  .default([])
  .describe("Rules of your own, checked like the platform's.");

export const monitoringSchema = z
  .strictObject({
    kind: z
      .enum(["none", "gmp", "prometheusOperator"])
      .default("none")
      .describe(
        "Who watches: Google Managed Prometheus (`gmp`), a Prometheus of the Prometheus Operator, or nobody. Their custom resources must be there already.",
      ),
    chosenBy: labels(
      "For `prometheusOperator`: labels by which your Prometheus chooses monitors and rules, such as `release`.",
    ),
    kubeState: z
      .boolean()
      .default(true)
      .describe("Whether the cluster tells of its pods: GKE does, elsewhere kube-state-metrics."),
    certManager: z
      .strictObject({
        namespace: objectName().default("cert-manager").describe("Where cert-manager runs."),
      })
      .optional()
      .describe(
        "Scrape a cert-manager that is there already, and tell of certificates that end. Default: only the one that the stack installs.",
      ),
    runbooks: httpUrl()
      .optional()
      .describe("Where the folder docs/runbooks of this repository can be read. Default: alerts name the page's path."),
    thresholds,
    customRules,
  })
  .prefault({})
  .describe("What is scraped of the platform, and what somebody is told of: docs/monitoring.md.");
