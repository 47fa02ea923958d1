import { beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { manifestOf, type Manifest, type ResourceGraph } from "../../preview/graph";
import { renderStack } from "../../preview/render";
import { workloadsOf } from "../../preview/workloads";
import { readEngineConfig } from "../../stacks/config/engine";
import { readStackFile } from "../../stacks/config/stack-file";

const GCP = { project: "noetl-production", region: "us-central1" };
const VAULT = { address: "https://vault.example.com:8200", namespace: "team", kvMount: "kv" };

/** The providers, each with what the stack file has to say beside it. */
const PROVIDERS = {
  kubernetes: { kind: "kubernetes" },
  secretSync: { kind: "gcp", projectNumber: 123, by: "secretSync" },
  csi: { kind: "gcp", projectNumber: 123, by: "csi" },
  externalSecrets: { kind: "gcp", projectNumber: 123, by: "externalSecrets" },
  created: { kind: "gcp", projectNumber: 123, by: "externalSecrets", create: true },
  vault: { kind: "vault", folder: "prod/noetl", caConfigMap: "vault-ca", refreshInterval: "1h" },
} as const;
type Name = keyof typeof PROVIDERS;
const NAMES = Object.keys(PROVIDERS) as Name[];

const SHIPPED = ["kind", "gke"] as const;

/** The providers that a stack may have: only GKE knows SecretSync. */
function providersOf(stack: (typeof SHIPPED)[number]): Name[] {
  return NAMES.filter((name) => stack === "gke" || name !== "secretSync");
}

/** A shipped stack with another provider, and with the stores that all of them may need. */
async function rendered(stack: string, provider: object): Promise<ResourceGraph> {
  const { config } = readStackFile(`Pulumi.${stack}.yaml`);
  const { server } = config;
  return renderStack({
    stack,
    file: `Pulumi.${stack}.yaml`,
    config: {
      ...config,
      gcp: config.gcp ?? GCP,
      server: { ...server, keychain: { ...server.keychain, vault: VAULT } },
      secretProvider: checked(provider),
    } as typeof config,
  });
}

/** The provider's settings with their defaults. */
function checked(provider: object) {
  const sections = {
    profile: "gke",
    cluster: { context: "c" },
    postgres: { mode: "inCluster" },
    gcp: GCP,
    server: { keychain: { vault: VAULT } },
    secretProvider: provider,
  };
  const entries = Object.entries(sections).map(([name, value]) => [
    `noetl:${name}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return readEngineConfig({
    stack: "s",
    entries: Object.fromEntries(entries) as Record<string, string>,
    secretKeys: new Set(),
  }).secretProvider;
}

const objects = (graph: ResourceGraph): Manifest[] => graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
const ofKind = (graph: ResourceGraph, kind: string): Manifest[] => objects(graph).filter((made) => made.kind === kind);
const keyOf = ({ metadata: { namespace = "", name } }: Manifest): string => `${namespace}/${name}`;

/** Everything with pods that reads secrets, which is all but what holds a provider's own volumes. */
function workloads(graph: ResourceGraph): Record<string, string> {
  const all = workloadsOf(graph).filter(({ name }) => !name.endsWith("-holder"));
  return Object.fromEntries(
    all.map(({ manifest }) => [`${manifest.kind} ${keyOf(manifest)}`, JSON.stringify(manifest)]),
  );
}

/** Each Secret that a provider has come to be, and its keys. */
function secretsMade(graph: ResourceGraph): Record<string, string[]> {
  const made = objects(graph).flatMap((object): [string, string[]][] => {
    const spec = (object.spec ?? {}) as {
      secretObject?: { data: { targetKey: string }[] };
      data?: { secretKey: string }[];
      secretObjects?: { secretName: string; data: { key: string }[] }[];
    };
    switch (object.kind) {
      case "Secret":
        return [[keyOf(object), Object.keys(object.stringData as object)]];
      case "SecretSync":
        return [[keyOf(object), (spec.secretObject?.data ?? []).map(({ targetKey }) => targetKey)]];
      case "ExternalSecret":
        return [[keyOf(object), (spec.data ?? []).map(({ secretKey }) => secretKey)]];
      case "SecretProviderClass":
        return (spec.secretObjects ?? []).map(({ secretName, data }) => [
          `${object.metadata.namespace ?? ""}/${secretName}`,
          data.map(({ key }) => key),
        ]);
      default:
        return [];
    }
  });
  return Object.fromEntries(made.map(([key, keys]) => [key, [...keys].sort()]));
}

describe.each(SHIPPED)("the stack %s", (stack) => {
  const graphs: Partial<Record<Name, ResourceGraph>> = {};
  const of = (name: Name): ResourceGraph => graphs[name] ?? { project: "", stack: "", resources: [] };

  const names = providersOf(stack);

  beforeAll(async () => {
    for (const name of names) graphs[name] = await rendered(stack, PROVIDERS[name]);
  });

  test.each(names)("given provider %s, has the same workloads to the byte, and the same Secrets", (name) => {
    expect(workloads(of(name))).toStrictEqual(workloads(of("kubernetes")));
    expect(secretsMade(of(name))).toStrictEqual(secretsMade(of("kubernetes")));
  });

  test.each(names.filter((name) => name !== "kubernetes" && name !== "created"))(
    "given provider %s, keeps no value in the state: nothing random is made but what replaces Job and pooler",
    (name) => {
      const random = of(name).resources.filter(({ type }) => type.startsWith("random:"));
      expect(new Set(random.map(({ type }) => type))).toStrictEqual(new Set(["random:index/randomId:RandomId"]));
      expect(JSON.stringify(of(name))).not.toContain("kept in the store");
    },
  );

  test("given values that the program writes, each is a protected entry of Secret Manager, and nowhere in the open", () => {
    const secrets = of("created").resources.filter(({ type }) => type === "gcp:secretmanager/secret:Secret");
    const values = of("created").resources.filter(
      ({ type }) => type === "gcp:secretmanager/secretVersion:SecretVersion",
    );
    expect(secrets.map(({ protect }) => protect)).toStrictEqual(secrets.map(() => stack === "gke"));
    expect(values.map(({ inputs }) => inputs.secretData)).toStrictEqual(secrets.map(() => "<secret>"));
    expect(new Set(secrets.map(({ inputs }) => inputs.secretId)).size).toBe(secrets.length);
  });
});

describe("access to Secret Manager", () => {
  const principal = (namespace: string): string =>
    `principal://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/noetl-production.svc.id.goog/subject/ns/${namespace}/sa/noetl-secrets`;

  test.each(["secretSync", "csi", "externalSecrets", "created"] as const)(
    "given %s, each namespace's account may read what its Secrets are made of, and nothing else",
    async (name) => {
      const { resources } = await rendered("gke", PROVIDERS[name]);
      const members = resources.filter(({ type }) => type.startsWith("gcp:secretmanager/secretIamMember"));
      const table = members.map(({ inputs }) => `${inputs.member as string} ${inputs.secretId as string}`);

      expect(new Set(members.map(({ inputs }) => inputs.role))).toStrictEqual(
        new Set(["roles/secretmanager.secretAccessor"]),
      );
      expect(table.sort()).toStrictEqual(
        [
          `${principal("nats")} noetl-nats-auth-passwords-conf`,
          `${principal("nats-supercluster")} noetl-nats-cluster-a-auth-passwords-conf`,
          `${principal("nats-supercluster")} noetl-nats-cluster-b-auth-passwords-conf`,
          `${principal("noetl")} noetl-encryption-key`,
          `${principal("noetl")} noetl-internal-api-token`,
          `${principal("noetl")} noetl-nats-password`,
          `${principal("noetl")} noetl-nats-url`,
          `${principal("noetl")} noetl-postgres-password`,
          `${principal("postgres")} noetl-pgbouncer-users-exporter`,
          `${principal("postgres")} noetl-pgbouncer-users-userlist-txt`,
          `${principal("postgres")} noetl-postgres-password`,
          `${principal("postgres")} noetl-superuser-password`,
        ].sort(),
      );
    },
  );

  test("given an entry of another project and a version, then that one is fetched, and the right is on it", async () => {
    const path = "projects/other-project/secrets/old-key/versions/7";
    const entries = [{ name: "noetl-encryption-key", path }];
    const graph = await rendered("gke", { ...PROVIDERS.secretSync, entries });

    const server = ofKind(graph, "SecretProviderClass").find(
      ({ metadata }) => metadata.name === "noetl-server-secrets",
    );
    const { parameters } = server?.spec as { parameters: { secrets: string } };
    expect(parse(parameters.secrets)).toStrictEqual([
      { resourceName: path, path: "encryption-key" },
      {
        resourceName: "projects/noetl-production/secrets/noetl-postgres-password/versions/latest",
        path: "postgres-password",
      },
    ]);
    const member = graph.resources.find(({ inputs }) => inputs.secretId === "old-key");
    expect(member?.inputs.project).toBe("other-project");
  });
});

describe("the classes of the Secrets Store", () => {
  /** Those of every stack. */
  const COMMON = [
    ["nats/nats-auth", "passwords-conf"],
    ["noetl/noetl-internal-api-token", "token"],
    ["noetl/noetl-nats", "nats-password nats-url"],
    ["noetl/noetl-server-secrets", "encryption-key postgres-password"],
    ["postgres/noetl-schema", "superuser-password postgres-password"],
  ];

  test.each([
    ["kind", "csi", "gcp", [["postgres/pgbouncer-db-secrets", "superuser-password postgres-password"]]],
    [
      "gke",
      "secretSync",
      "gke",
      [
        ["nats-supercluster/nats-cluster-a-auth", "passwords-conf"],
        ["nats-supercluster/nats-cluster-b-auth", "passwords-conf"],
        ["postgres/pgbouncer-users", "userlist-txt exporter"],
      ],
    ],
  ] as const)("have in %s the names and files that the platform has always had", async (stack, name, driver, own) => {
    const graph = await rendered(stack, PROVIDERS[name]);
    const classes = ofKind(graph, "SecretProviderClass").map((made) => {
      const { provider, parameters } = made.spec as { provider: string; parameters: { secrets: string } };
      const files = parse(parameters.secrets) as { path: string }[];
      expect(provider).toBe(driver);
      return [keyOf(made), files.map(({ path }) => path).join(" ")];
    });
    expect(classes.sort()).toStrictEqual([...COMMON, ...own].sort());
  });

  test("are mounted by a pod of their own where the driver needs one", async () => {
    const graph = await rendered("kind", PROVIDERS.csi);
    const mounted = ofKind(graph, "Deployment").filter(({ metadata }) => metadata.name.endsWith("-holder"));
    const classes = mounted.map(
      ({ spec }) => (spec as { template: { spec: { volumes: [{ csi: object }] } } }).template.spec.volumes[0].csi,
    );
    expect(classes).toStrictEqual(
      ofKind(graph, "SecretProviderClass").map(({ metadata: { name } }) => ({
        driver: "secrets-store.csi.k8s.io",
        readOnly: true,
        volumeAttributes: { secretProviderClass: name },
      })),
    );
  });
});

describe("Vault", () => {
  test("is read as the namespace's account, by the Kubernetes auth method, where the server's keychain has it", async () => {
    const graph = await rendered("kind", PROVIDERS.vault);

    const [store] = ofKind(graph, "SecretStore");
    expect(store?.spec).toStrictEqual({
      provider: {
        vault: {
          server: VAULT.address,
          path: "kv",
          version: "v2",
          namespace: "team",
          caProvider: { type: "ConfigMap", name: "vault-ca", key: "ca.crt" },
          auth: {
            kubernetes: { mountPath: "kubernetes", role: "noetl", serviceAccountRef: { name: "noetl-secrets" } },
          },
        },
      },
    });
    expect(ofKind(graph, "SecretStore").map(keyOf).sort()).toStrictEqual([
      "nats/noetl-secrets",
      "noetl/noetl-secrets",
      "postgres/noetl-secrets",
    ]);
    const nats = ofKind(graph, "ExternalSecret").find(({ metadata }) => metadata.name === "noetl-nats");
    expect(nats?.spec).toStrictEqual({
      refreshPolicy: "Periodic",
      refreshInterval: "1h",
      secretStoreRef: { kind: "SecretStore", name: "noetl-secrets" },
      target: { name: "noetl-nats", creationPolicy: "Owner", deletionPolicy: "Retain" },
      data: [
        { secretKey: "NATS_PASSWORD", remoteRef: { key: "prod/noetl/noetl-nats-password", property: "value" } },
        { secretKey: "NOETL_NATS_URL", remoteRef: { key: "prod/noetl/noetl-nats-url", property: "value" } },
      ],
    });
    expect(objects(graph).some(({ kind }) => kind === "Secret")).toBe(false);
  });
});
