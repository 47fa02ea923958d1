import { describe, expect, test } from "@jest/globals";
import { shortImage } from "../../preview/facts";
import { plain } from "../../preview/style";
import { formatTree } from "../../preview/tree";
import { amounts, component, configMap, graph, object, resource, workload, type Node } from "./support";

const tree = (width: number, ...nodes: Node[]): string => formatTree(graph(...nodes), plain, { width });
/** The facts beside a single object. */
const facts = (node: Node): string => (tree(200, node).split("\n")[0] ?? "").split(/ {2,}/).slice(2).join("  ");

describe("the tree", () => {
  test("given nested components, when shown, then resources come first, by kind, and facts stand in one column", () => {
    const shown = tree(
      100,
      component(
        "noetl:noetl:NoetlServer",
        "server",
        component("noetl:noetl:RuntimeSecrets", "secrets", object(secret("noetl-nats", ["NATS_PASSWORD"]))),
        object(service("server", { ports: [{ port: 8082 }] })),
        workload({
          name: "server",
          spec: { replicas: 1 },
          container: {
            image: "ghcr.io/noetl/server:3.39.3",
            ports: [{ containerPort: 8082 }],
            resources: amounts("250m 256Mi", "1 512Mi"),
          },
        }),
      ),
      configMap("elsewhere", { a: "1", b: "2" }),
      resource("pulumi:providers:kubernetes", "kind", {}),
    );
    expect(shown).toBe(`elsewhere         ConfigMap   2 keys  in nats
server            NoetlServer  in noetl
├─ server         Deployment  ×1  noetl/server:3.39.3  :8082  cpu 250m→1  memory 256Mi→512Mi
├─ server         Service     ClusterIP  :8082
└─ secrets        RuntimeSecrets
   └─ noetl-nats  Secret      1 key
`);
  });

  test("given a narrow terminal, when shown, then facts continue below, and none is parted", () => {
    const node = workload({
      spec: { replicas: 1 },
      container: { resources: amounts("100m 128Mi", "500m 768Mi"), image: `registry.example/${"x".repeat(60)}:1` },
    });
    const lines = tree(60, node).split("\n");
    expect(lines).toEqual([
      "app  Deployment  ×1",
      `                 ${"x".repeat(42)}…`,
      "                 cpu 100m→500m  memory 128Mi→768Mi  in noetl",
      "",
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBe(60);
  });

  test("given styles, when shown, then components are bold and kinds and lines are dim", () => {
    const style = { ...plain, bold: (text: string) => `<b>${text}</b>`, dim: (text: string) => `<i>${text}</i>` };
    const node = component("noetl:nats:Nats", "nats", configMap("config", {}));
    expect(formatTree(graph(node), style)).toBe(
      "<i></i><b>nats     </b>  <i>Nats     </i>  in nats\n<i>└─ </i>config  <i>ConfigMap</i>  0 keys\n",
    );
  });

  test("given a name that is much longer than others, when shown, then only its own row moves", () => {
    const long = "noetl-worker-rust-subscription-pool-metrics";
    const rows = tree(120, object(secret("a", [])), object(secret(long, ["x"]))).split("\n");
    expect(rows[0]).toBe(`a${" ".repeat(39)}  Secret  in noetl`);
    expect(rows[1]).toBe(`${long}  Secret  1 key  in noetl`);
  });

  test.each([
    ["each node of a DaemonSet", workload({ kind: "DaemonSet" }), "each node  app:1.0  in noetl"],
    ["a Job", workload({ kind: "Job" }), "app:1.0  in noetl"],
    [
      "replicas and claims",
      workload({ kind: "StatefulSet", spec: { replicas: 3, volumeClaimTemplates: claims("8Gi") } }),
      "×3  app:1.0  8Gi disk  in noetl",
    ],
    [
      "equal requests and limits once",
      workload({ container: { resources: amounts("1 1Gi", "1000m 1Gi") } }),
      "×1  app:1.0  cpu 1  memory 1Gi  in noetl",
    ],
    [
      "missing limits as a dash",
      workload({ container: { resources: { requests: { cpu: "1" } } } }),
      "×1  app:1.0  cpu 1→–  in noetl",
    ],
    [
      "node ports",
      object(service("s", { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }, { port: 81 }] })),
      "NodePort  :80→30080 :81  in noetl",
    ],
    [
      "headless Services",
      object(service("s", { clusterIP: "None", ports: [{ port: 80 }] })),
      "headless  :80  in noetl",
    ],
    [
      "the type of a Secret",
      object({ ...secret("s", ["tls.crt", "tls.key"]), type: "kubernetes.io/tls" }),
      "2 keys  kubernetes.io/tls  in noetl",
    ],
    ["protection", object(secret("s", ["a"]), { protect: true }), "1 key  protected  in noetl"],
    [
      "pod security",
      object({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "n", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
      }),
      "restricted",
    ],
    ["generated lengths", resource("random:index/randomPassword:RandomPassword", "p", { length: 32 }), "32 characters"],
    ["nothing where there is nothing to say", resource("gcp:storage/bucket:Bucket", "b", { location: "EU" }), ""],
  ])("given a resource, when shown, then it tells %s", (_, node, expected) => {
    expect(facts(node)).toBe(expected);
  });

  test("given a CronJob and an autoscaler, when shown, then schedule and range stand first", () => {
    const jobTemplate = { spec: { template: { spec: { containers: [{ name: "a", image: "a:1" }] } } } };
    const meta = { name: "a", namespace: "noetl" };
    expect(
      facts(
        object({
          apiVersion: "batch/v1",
          kind: "CronJob",
          metadata: meta,
          spec: { schedule: "*/5 * * * *", jobTemplate },
        }),
      ),
    ).toBe("*/5 * * * *  a:1  in noetl");
    const spec = {
      scaleTargetRef: { name: "worker" },
      minReplicaCount: 1,
      maxReplicaCount: 8,
      triggers: [{ type: "nats-jetstream" }],
    };
    expect(facts(object({ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", metadata: meta, spec }))).toBe(
      "→ worker  1–8 pods  nats-jetstream  in noetl",
    );
  });

  test.each([
    ["docker.io/library/nats:2.12.2-alpine", "nats:2.12.2-alpine"],
    ["nats:2.12", "nats:2.12"],
    ["ghcr.io/noetl/server:3.39.3", "noetl/server:3.39.3"],
    ["us-docker.pkg.dev/project/noetl/server@sha256:" + "ab".repeat(32), "noetl/server@abababab…"],
    ["localhost:5000/app", "app"],
    ["Not An Image", "Not An Image"],
  ])("given the image %s, when shortened, then it is %s", (image, short) => {
    expect(shortImage(image)).toBe(short);
  });

  test("given 300 worker pools, when shown, then every one has its rows", () => {
    const pools = Array.from({ length: 300 }, (_, index) =>
      component("noetl:noetl:WorkerPool", `pool-${index}`, workload({ name: `pool-${index}` })),
    );
    expect(tree(100, ...pools).split("\n")).toHaveLength(601);
  });
});

function secret(name: string, keys: string[]) {
  const stringData = Object.fromEntries(keys.map((key) => [key, "<secret>"]));
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "noetl" },
    ...(keys.length > 0 && { stringData }),
  };
}

function service(name: string, spec: Record<string, string | { port: number; nodePort?: number }[]>) {
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "noetl" }, spec: spec as never };
}

function claims(storage: string) {
  return [{ metadata: { name: "data" }, spec: { resources: { requests: { storage } } } }];
}
