import type * as k8s from "@pulumi/kubernetes";
import { literal } from "../kubernetes/env";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { curlOptions, podTlsOf, type ClientTls } from "./client-tls";
import type { ServerConnection } from "./server";
import { PROXY_URL } from "./server-proxy";

/** What the scheduled cleanup removes, and when. */
export interface CleanupSettings {
  /** Cron expression, in UTC. */
  schedule: string;
  /** Days that finished commands are kept; 0 keeps them. */
  commandRetentionDays: number;
  /** Minutes without a heartbeat until a worker's registration is removed; 0 keeps them. */
  runtimeStaleMinutes: number;
  /** Days that the event log is kept; 0 keeps it. */
  eventRetentionDays: number;
}

/** What the trigger of the cleanup is made from. */
export interface CleanupFacts extends CleanupSettings {
  namespace: Namespace;
  server: ServerConnection;
  /** Certificate for the server. Default: plain HTTP. */
  tls?: ClientTls | undefined;
  /** Image with `curl`. */
  curlImage: string;
}

/** Name of the CronJob. */
export const CLEANUP_NAME = "noetl-scheduled-cleanup";

/** Catalog path of the playbook; the server sends every path below `system/` to the system pool. */
const PATH = "system/scheduled_cleanup";

/** The playbook: the system pool, which alone has the token for it, lets the server purge. */
const PLAYBOOK = `apiVersion: noetl.io/v2
kind: Playbook
metadata:
  name: scheduled_cleanup
  path: ${PATH}
workload:
  server_url: ""
  policy: {}
workflow:
  - step: start
    tool:
      kind: http
      method: POST
      url: "{{ workload.server_url }}/api/internal/cleanup/purge"
      auth: { type: bearer, credential: NOETL_INTERNAL_API_TOKEN }
      body: "{{ workload.policy }}"
    next: { arcs: [{ step: end }] }
  - step: end
    tool: { kind: noop }
`;

/** Starts the playbook; puts it into the catalog first when it is not there, but leaves one that is. */
const trigger = (tls: ClientTls | undefined) => `
post() {
  curl --silent --show-error --max-time 30 --output /dev/null --write-out '%{http_code}' \\
    --header 'Content-Type: application/json' --data "$2"${curlOptions(tls)} "$SERVER_URL$1"
}
status=$(post /api/execute "$EXECUTION")
if [ "$status" = 404 ]; then
  status=$(post /api/catalog/register "$REGISTRATION")
  case $status in 2??) ;; *) echo "the catalog answers $status to the playbook" >&2; exit 1 ;; esac
  status=$(post /api/execute "$EXECUTION")
fi
case $status in 2??) echo "started ${PATH}" ;; *) echo "the server answers $status" >&2; exit 1 ;; esac
`;

/** Starts the cleanup. It carries no token: the work is done by the system pool. */
export function cleanupCronJob(facts: CleanupFacts): k8s.batch.v1.CronJobArgs {
  const { namespace, server, schedule } = facts;
  const labelled = labels({ app: CLEANUP_NAME, component: "system-cron" });
  const policy = {
    command_retention_days: facts.commandRetentionDays,
    runtime_stale_minutes: facts.runtimeStaleMinutes,
    event_retention_days: facts.eventRetentionDays,
  };
  const tls = podTlsOf(facts.tls);
  // Tool http presents no certificate; in the pods of the system pool a proxy does.
  const execution = { path: PATH, workload: { server_url: facts.tls ? PROXY_URL : server.url, policy } };
  return {
    metadata: { name: CLEANUP_NAME, namespace: namespace.created, labels: labelled },
    spec: {
      schedule,
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 120,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        metadata: { labels: labelled },
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 120,
          template: {
            metadata: { labels: labelled },
            spec: {
              ...restrictedPod({ uid: NOBODY }),
              restartPolicy: "Never",
              ...(tls.initContainers.length > 0 && { initContainers: [...tls.initContainers] }),
              containers: [
                {
                  name: "trigger",
                  image: facts.curlImage,
                  command: ["sh", "-euc", trigger(facts.tls)],
                  env: [
                    literal("SERVER_URL", server.url),
                    literal("EXECUTION", JSON.stringify(execution)),
                    literal("REGISTRATION", JSON.stringify({ content: PLAYBOOK })),
                  ],
                  resources: {
                    requests: { cpu: "10m", memory: "32Mi" },
                    limits: { cpu: "100m", memory: "64Mi" },
                  },
                  securityContext: RESTRICTED_CONTAINER,
                  ...(facts.tls && { volumeMounts: [...tls.volumeMounts] }),
                },
              ],
              ...(facts.tls && { volumes: [...tls.volumes] }),
            },
          },
        },
      },
    },
  };
}
