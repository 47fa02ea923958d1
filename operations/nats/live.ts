import { MONITORING_PORT } from "../../components/nats/facts";
import { StackCluster, type ClusterChoice } from "../cluster/kube";
import { ask, type Answer } from "./monitoring";
import type { PlannedCluster } from "./plan";
import { natsStatus, type NatsStatus } from "./status";

/** The status of the servers behind these URLs. */
export async function statusOfUrls(urls: readonly string[]): Promise<NatsStatus> {
  return natsStatus(await Promise.all(urls.map((url) => ask(url, url))));
}

/** The status of every server that a stack plans, asked through the API server of its cluster. */
export async function statusOfStack(choice: ClusterChoice, clusters: readonly PlannedCluster[]): Promise<NatsStatus> {
  const cluster = StackCluster.open(choice);
  const pods = clusters.flatMap(({ namespace, servers }) => servers.map((server) => ({ namespace, server })));
  const answers = pods.map(async ({ namespace, server }): Promise<Answer> => {
    const forward = await cluster.forward(namespace, server, MONITORING_PORT);
    try {
      const answer = await ask(`${namespace}/${server}`, forward.url);
      return typeof answer.report === "string" ? { ...answer, report: forward.problem() ?? answer.report } : answer;
    } finally {
      forward.close();
    }
  });
  return natsStatus(await Promise.all(answers));
}
