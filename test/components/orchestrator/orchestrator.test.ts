import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { Orchestrator, type OrchestratorArgs } from "../../../components/orchestrator/orchestrator";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const PASSPHRASE = "c4n4ry-passphrase";
const NAMESPACES = ["noetl", "nats"].map((name) => ({ name, created: name }));
const PULUMI = { backend: "gs://states", passphrase: true, rights: "platform", variables: [] } as const;
const PASSWORD = "c4n4ry-password";
const SHARED = {
  surrealdb: {
    url: "wss://surrealdb.example.com",
    namespace: "orchestrator",
    database: "tasks",
    username: "orchestrator",
    ca: "-----BEGIN CERTIFICATE-----",
  },
};
const ARGS: OrchestratorArgs = {
  namespace: { name: "noetl", created: "noetl" },
  namespaces: NAMESPACES,
  image: "registry.example.com/orchestrator:1.0.0",
  port: 8080,
  statusPort: 9090,
  replicas: 1,
  storage: "10Gi",
  storageClass: "standard",
  allowStacks: [],
  concurrency: 4,
  drain: 240,
  tokens: [{ name: "ann", role: "admin", sha256: "ab".repeat(32) }],
  context: "kind-noetl",
  resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "2", memory: "4Gi" } },
};

function render(args: Partial<OrchestratorArgs> = {}) {
  return recorded(() => new Orchestrator("noetl-orchestrator", { ...ARGS, ...args }));
}

interface Pod {
  automountServiceAccountToken: boolean;
  shareProcessNamespace?: boolean;
  terminationGracePeriodSeconds: number;
  containers: {
    args: string[];
    env: object[];
    livenessProbe: object;
    readinessProbe: object;
    securityContext: object;
  }[];
}

async function podOf(args: Partial<OrchestratorArgs> = {}): Promise<Pod> {
  const { spec } = objectNamed(await render(args), "StatefulSet/noetl-orchestrator");
  return (spec as unknown as { template: { spec: Pod } }).template.spec;
}

describe("Orchestrator", () => {
  test("given no Pulumi, when rendered, then it only previews: no rights, no token of the cluster, no secret", async () => {
    expect(objectNames(await render())).toEqual([
      "ConfigMap/noetl-orchestrator",
      "Service/noetl-orchestrator",
      "ServiceAccount/noetl-orchestrator",
      "StatefulSet/noetl-orchestrator",
    ]);
    const pod = await podOf();
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.shareProcessNamespace).toBeUndefined();
    expect(pod.containers[0]?.env).toEqual([{ name: "HOME", value: "/tmp" }]);
    expect(pod.containers[0]?.args).toEqual([
      "orchestrator",
      "serve",
      "--host",
      "0.0.0.0",
      "--port=8080",
      "--status-port=9090",
      "--data-dir=/data/orchestrator",
      "--engine=offline",
      "--concurrency=4",
      "--drain=240",
      "--tokens=/etc/noetl-orchestrator/tokens.yaml",
    ]);
  });

  test("given Pulumi, when rendered, then it has a role in each namespace, and one for the namespaces by name", async () => {
    const graph = await render({ pulumi: PULUMI, values: { PULUMI_CONFIG_PASSPHRASE: PASSPHRASE } });
    expect(objectNames(graph)).toEqual([
      "ClusterRole/noetl-orchestrator",
      "ClusterRoleBinding/noetl-orchestrator",
      "ConfigMap/noetl-orchestrator",
      "Role/noetl-orchestrator",
      "Role/noetl-orchestrator",
      "RoleBinding/noetl-orchestrator",
      "RoleBinding/noetl-orchestrator",
      "Secret/noetl-orchestrator",
      "Service/noetl-orchestrator",
      "ServiceAccount/noetl-orchestrator",
      "StatefulSet/noetl-orchestrator",
    ]);
    expect(objectNamed(graph, "ClusterRole/noetl-orchestrator").rules).toEqual([
      {
        apiGroups: [""],
        resources: ["namespaces"],
        verbs: ["get", "watch", "update", "patch"],
        resourceNames: ["noetl", "nats"],
      },
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterrolebindings", "clusterroles"],
        verbs: ["get", "watch"],
        resourceNames: ["noetl-orchestrator"],
      },
    ]);
    const roles = JSON.stringify(objectNamed(graph, "Role/noetl-orchestrator").rules);
    expect(roles).not.toMatch(/escalate|"bind"|impersonate|deletecollection|"verbs":\["\*"\]/);
    expect(JSON.stringify(graph)).not.toContain(PASSPHRASE);
  });

  test("given all rights, when rendered, then its account is bound to cluster-admin and to nothing else", async () => {
    const graph = await render({ pulumi: { ...PULUMI, passphrase: false, rights: "clusterAdmin" } });
    expect(objectNames(graph).filter((name) => /Role|Secret/.test(name))).toEqual([
      "ClusterRoleBinding/noetl-orchestrator",
    ]);
    expect(objectNamed(graph, "ClusterRoleBinding/noetl-orchestrator").roleRef).toEqual({
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "cluster-admin",
    });
  });

  test("given Pulumi, when rendered, then its kubeconfig knows the own cluster, by the name that the stack deploys to", async () => {
    const { data } = objectNamed(await render({ pulumi: PULUMI }), "ConfigMap/noetl-orchestrator");
    const { "tokens.yaml": tokens = "", kubeconfig = "" } = data as Record<string, string>;
    expect(parse(tokens)).toEqual({ tokens: ARGS.tokens });
    const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    expect(parse(kubeconfig)).toEqual({
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "own",
          cluster: { server: "https://kubernetes.default.svc", "certificate-authority": `${folder}/ca.crt` },
        },
      ],
      users: [{ name: "own", user: { tokenFile: `${folder}/token` } }],
      contexts: [{ name: "kind-noetl", context: { cluster: "own", user: "own" } }],
    });
  });

  test("given Pulumi Cloud, when rendered, then secrets are variables, which are taken out of logs", async () => {
    const variables = [{ variable: "AWS_SECRET_ACCESS_KEY", secret: "aws", key: "secret" }];
    const pod = await podOf({ pulumi: { ...PULUMI, backend: "https://api.pulumi.com", variables } });
    const fromSecret = (name: string, secret: string, key: string) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key } },
    });
    expect(pod.containers[0]?.env).toEqual([
      { name: "HOME", value: "/tmp" },
      { name: "KUBECONFIG", value: "/etc/noetl-orchestrator/kubeconfig" },
      { name: "PULUMI_HOME", value: "/tmp/pulumi" },
      { name: "PULUMI_BACKEND_URL", value: "https://api.pulumi.com" },
      { name: "PULUMI_SKIP_UPDATE_CHECK", value: "true" },
      fromSecret("PULUMI_CONFIG_PASSPHRASE", "noetl-orchestrator", "PULUMI_CONFIG_PASSPHRASE"),
      fromSecret("PULUMI_ACCESS_TOKEN", "noetl-orchestrator", "PULUMI_ACCESS_TOKEN"),
      fromSecret("AWS_SECRET_ACCESS_KEY", "aws", "secret"),
    ]);
    expect(pod.shareProcessNamespace).toBe(true);
    expect(pod.automountServiceAccountToken).toBe(true);
  });

  test("given a provider and limits, when rendered, then they are its options", async () => {
    const pod = await podOf({
      tokens: [],
      rate: 5,
      allowStacks: ["dev-*", "-x"],
      drain: 10,
      oidc: {
        issuer: "https://sso.example.com",
        audience: "noetl",
        rolesClaim: "a.b",
        roles: [{ value: "team=x", role: "operator" }],
        nameClaim: "email",
      },
    });
    expect(pod.containers[0]?.args.slice(9)).toEqual([
      "--drain=10",
      "--rate=5",
      "--allow-stack=dev-*",
      "--allow-stack=-x",
      "--oidc-issuer=https://sso.example.com",
      "--oidc-audience=noetl",
      "--oidc-roles-claim=a.b",
      "--oidc-role=team=x=operator",
      "--oidc-name-claim=email",
    ]);
    expect(pod.terminationGracePeriodSeconds).toBe(85);
  });

  test("given a pod, when it is probed, then by the port that asks for no token, and it is restricted", async () => {
    const [container] = (await podOf()).containers;
    expect(container?.livenessProbe).toMatchObject({ httpGet: { path: "/health/live", port: "status" } });
    expect(container?.readinessProbe).toMatchObject({ httpGet: { path: "/health/ready", port: "status" } });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });

  test("given other tokens, when rendered, then the pod starts anew, since they are read at its start", async () => {
    const annotated = async (args: Partial<OrchestratorArgs>) => {
      const { spec } = objectNamed(await render(args), "StatefulSet/noetl-orchestrator");
      return (spec as { template: { metadata: { annotations: unknown } } }).template.metadata.annotations;
    };
    const other = [{ name: "bob", role: "viewer", sha256: "cd".repeat(32) }] as const;
    expect(await annotated({})).not.toEqual(await annotated({ tokens: other }));
    expect(await annotated({ drain: 1 })).toEqual(await annotated({}));
  });

  test("given SurrealDB and three pods, when rendered, then they are a Deployment without a volume, one of which a drain takes", async () => {
    const graph = await render({ ...SHARED, replicas: 3, values: { SURREALDB_PASSWORD: PASSWORD } });
    expect(objectNames(graph)).toEqual([
      "ConfigMap/noetl-orchestrator",
      "Deployment/noetl-orchestrator",
      "PodDisruptionBudget/noetl-orchestrator",
      "Secret/noetl-orchestrator",
      "Service/noetl-orchestrator",
      "ServiceAccount/noetl-orchestrator",
    ]);
    expect(objectNamed(graph, "PodDisruptionBudget/noetl-orchestrator").spec).toMatchObject({ maxUnavailable: 1 });
    const { spec } = objectNamed(graph, "Deployment/noetl-orchestrator");
    expect(spec).toMatchObject({
      replicas: 3,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        spec: {
          topologySpreadConstraints: [
            { topologyKey: "topology.kubernetes.io/zone" },
            { topologyKey: "kubernetes.io/hostname" },
          ],
          volumes: [
            { name: "tmp", emptyDir: {} },
            { name: "programs", emptyDir: {} },
            { name: "config", configMap: { name: "noetl-orchestrator" } },
            { name: "data", emptyDir: {} },
            {
              name: "surrealdb",
              secret: {
                secretName: "noetl-orchestrator",
                defaultMode: 0o440,
                items: [{ key: "SURREALDB_PASSWORD", path: "password" }],
              },
            },
          ],
        },
      },
    });
    expect(JSON.stringify(graph)).not.toContain(PASSWORD);
  });

  test("given SurrealDB, when rendered, then a pod is told where it is, by a password in a file, and says its own address", async () => {
    const graph = await render({ ...SHARED, pulumi: { ...PULUMI, passphrase: false } });
    const { spec } = objectNamed(graph, "Deployment/noetl-orchestrator");
    const [container] = (spec as unknown as { template: { spec: Pod } }).template.spec.containers;
    expect(container?.args.slice(11)).toEqual([
      "--storage=surrealdb-server",
      "--surrealdb-url=wss://surrealdb.example.com",
      "--surrealdb-namespace=orchestrator",
      "--surrealdb-database=tasks",
      "--surrealdb-username=orchestrator",
      "--surrealdb-password-file=/etc/noetl-surrealdb/password",
      "--surrealdb-ca=/etc/noetl-orchestrator/surrealdb-ca.pem",
      "--advertise-url=http://$(POD_IP):8080",
    ]);
    expect(container?.env.slice(0, 2)).toEqual([
      { name: "HOME", value: "/tmp" },
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    ]);
    expect(JSON.stringify(container?.env)).not.toContain("SURREALDB");
    const { data } = objectNamed(graph, "ConfigMap/noetl-orchestrator");
    expect((data as Record<string, string>)["surrealdb-ca.pem"]).toBe(SHARED.surrealdb.ca);
    expect(objectNames(graph)).not.toContain("PodDisruptionBudget/noetl-orchestrator");
  });

  test("given a transform, when rendered, then it has the last word; and its address is known", async () => {
    let made: Orchestrator | undefined;
    const graph = await recorded(() => {
      made = new Orchestrator("noetl-orchestrator", {
        ...ARGS,
        transform: { statefulSet: (args) => ({ ...args, metadata: { name: "other", namespace: "noetl" } }) },
      });
    });
    expect(objectNames(graph)).toContain("StatefulSet/other");
    expect(made?.url).toBe("http://noetl-orchestrator.noetl.svc.cluster.local:8080");
  });
});
