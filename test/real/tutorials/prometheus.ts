import { platformRules } from "../../../components/monitoring/groups";
import { LEAST } from "../../components/monitoring/facts";
import { startPrometheus } from "../monitoring/daemons";
import { Exporter } from "../monitoring/exporter";
import { faster } from "../monitoring/faster";
import { startSupervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";

/** As stack kind has it. */
const POOL = {
  stream: "NOETL_COMMANDS",
  consumer: "noetl_worker_pool_shared",
  steady: true,
  scaling: { maxReplicas: 20, lagThreshold: 10 },
};

/** A Prometheus with our rules, beside a worker pool that has all its pods and too much to do. */
export interface Incident {
  port: number;
  stop(): Promise<void>;
}

/** Starts it, and waits until the alert fires. */
export async function startIncident(): Promise<Incident> {
  const supervisor = await startSupervisor("noetl-tutorial-");
  const exporter = await Exporter.start();
  const stop = async (): Promise<void> => {
    exporter.stop();
    await supervisor.stop();
  };
  try {
    const pool = '{stream="NOETL_COMMANDS",consumer="noetl_worker_pool_shared"}';
    exporter.plays.set("/noetl-workers", {
      [`noetl_worker_nats_consumer_pending${pool}`]: 640,
      [`noetl_worker_nats_consumer_ack_pending${pool}`]: 20,
    });
    exporter.plays.set("/noetl-server", { 'noetl_execute_outcomes_total{entry="api",outcome="accepted"}': 4 });
    const groups = faster(platformRules({ ...LEAST, pools: [POOL] }), 600);
    const target = (job: string, pod: string) => ({
      job: `${job}-${pod}`,
      address: exporter.address,
      path: `/${job}`,
      labels: { job, pod, namespace: "noetl" },
    });
    const pods = Array.from({ length: 20 }, (_, index) => target("noetl-workers", `worker-${index}`));
    const { url } = await startPrometheus(supervisor, { groups, targets: [...pods, target("noetl-server", "server")] });
    await waitFor("the alert to fire", async () => {
      const query = encodeURIComponent('ALERTS{alertname="WorkerPoolAtMaximum",alertstate="firing"}');
      const answer = await fetch(`${url}/api/v1/query?query=${query}`);
      return (await answer.text()).includes("firing") ? true : undefined;
    });
    return { port: Number(new URL(url).port), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
