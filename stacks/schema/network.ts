import { z } from "zod";
import { cidr, label, objectName, port, reason } from "./fields";

const labels = z
  .array(label())
  .max(20)
  .default([])
  .describe("Labels that the pods have, as NAME=VALUE. Default: every pod of the namespace.");

const podsElsewhere = z
  .strictObject({ namespace: objectName().describe("Namespace of the pods."), labels })
  .describe("Pods by their namespace and labels.");

/** One end of a flow; exactly one of `workload`, `namespace` and `cidr`, which a rule demands. */
const party = () =>
  z.strictObject({
    workload: objectName()
      .optional()
      .describe("A workload of the platform by its name in `noetl-ops network`: `server`, `workers`, `nats`."),
    namespace: objectName().optional().describe("Instead, pods of this namespace."),
    labels,
    cidr: cidr().optional().describe("Instead, addresses outside the cluster, in CIDR notation."),
    except: z.array(cidr()).max(100).default([]).describe("Ranges within `cidr` that are left out."),
  });

const flow = z
  .strictObject({
    from: party().describe("Who connects: one of `workload`, `namespace` and `cidr`."),
    to: party().describe("To whom: one of `workload`, `namespace` and `cidr`."),
    ports: z
      .array(port())
      .min(1)
      .max(100)
      .describe("Ports of the pods or addresses themselves, not of a Service in front of them."),
    protocol: z.enum(["TCP", "UDP"]).default("TCP").describe("Protocol of the ports."),
    reason: reason().describe("What it is for; it stands in the table of flows and in the policies."),
  })
  .describe("One more flow.");

export const networkPolicySchema = z
  .strictObject({
    mode: z
      .enum(["enforced", "off"])
      .default("enforced")
      .describe(
        "`enforced`: in every namespace of the platform nothing is allowed but its flows, see docs/network.md. `off`: no NetworkPolicy at all; everything may reach everything.",
      ),
    scrapers: z
      .array(podsElsewhere)
      .max(20)
      .optional()
      .describe(
        "Who fetches metrics. Default: on kind, Prometheus in namespace monitoring; on gke, the collectors of Google Managed Prometheus.",
      ),
    apiServer: z
      .array(cidr())
      .min(1)
      .max(20)
      .default(["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"])
      .describe(
        "Where the Kubernetes API server answers (ports 443 and 6443), for those that call it. Give its own address where you know it, and a public one in any case.",
      ),
    nameServers: z
      .array(cidr())
      .max(20)
      .default(["169.254.20.10/32", "169.254.169.254/32"])
      .describe(
        "Addresses that answer DNS beside the pods of kube-dns: NodeLocal DNSCache, and Cloud DNS on GKE. With Calico and NodeLocal DNSCache, add the cluster address of Service kube-dns.",
      ),
    workers: z
      .strictObject({
        internet: z
          .boolean()
          .default(true)
          .describe("Whether playbooks may call public addresses; private ones only as `flows` say."),
        metadataServer: z
          .boolean()
          .default(false)
          .describe("Whether playbooks may get the Google identity of their pods from the metadata server."),
      })
      .prefault({})
      .describe("What the worker pools, subscription runtimes and Jobs of playbooks may reach outside."),
    flows: z
      .array(flow)
      .max(200)
      .default([])
      .describe("What is allowed beside the flows of the platform, such as a worker's way to a database of yours."),
  })
  .prefault({})
  .describe("NetworkPolicies: who may connect to whom.");
