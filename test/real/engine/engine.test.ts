import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readFileSync } from "node:fs";
import { renderStack } from "../../../preview/render";
import { readStackFile } from "../../../stacks/config/stack-file";
import { describeUnless } from "../stacks/requirements";
import { processesWith } from "../support/processes";
import { waitFor } from "../support/wait";
import { filesBelow, leaksIn, secretsIn, secretWords } from "./leaks";
import { knowsGoogleMonitoring, namesOf, notReady, platformObjects } from "./live";
import { failureOf, type OpenStack, type Setting } from "./open-stack";
import { engineImpossible } from "./requirements";
import { type PlatformCluster, STACKS, startPlatformCluster } from "./platform-cluster";

/*
 * The program under the real Pulumi CLI, against a real API server: from an empty cluster to an empty cluster. Not
 * proved here, unless the published Kubernetes plugin is on this machine: what that plugin does.
 */

/** One change of a stack file, and exactly what it is to do. */
interface Edit {
  what: string;
  settings: Record<string, Setting>;
  plan: string[];
}

interface Story {
  /** Values that the stack file holds, encrypted; the others are generated. */
  secrets: Record<string, string>;
  /** Where some of them are found in the cluster. */
  found: Record<string, Record<string, string>>;
  edits: Edit[];
  /** All edits at once. */
  together: string[];
}

const STORIES: Record<string, Story> = {
  kind: {
    secrets: {
      natsPassword: "canary-one.NATS~user",
      postgresPassword: "canary two: \"quoted\" & 'single' <$PG>",
      databaseUrl: "postgres://noetl:canary-three-database@db.example.com:5432/noetl",
      kubernetesToken: "canary-four-kubernetes-token",
    },
    found: {
      "noetl/noetl-nats": { NATS_PASSWORD: "canary-one.NATS~user" },
      "postgres/postgres-secret": { POSTGRES_PASSWORD: "canary two: \"quoted\" & 'single' <$PG>" },
      "noetl/noetl-secret": {
        DATABASE_URL: "postgres://noetl:canary-three-database@db.example.com:5432/noetl",
        NOETL_K8S_TOKEN: "canary-four-kubernetes-token",
      },
    },
    edits: [
      {
        what: "the image of the workers",
        settings: { "noetl:workerPools.0.image": "ghcr.io/noetl/worker:5.40.4" },
        plan: ["update kubernetes:apps/v1:Deployment::noetl-worker-rust: spec.template.spec.containers[0].image"],
      },
      {
        what: "three servers instead of one",
        settings: { "noetl:server.replicas": 3, "noetl:server.machineId": undefined },
        plan: [
          "create kubernetes:apps/v1:StatefulSet::noetl-server-rust",
          "create kubernetes:core/v1:Service::noetl-server-rust-headless",
          "create kubernetes:policy/v1:PodDisruptionBudget::noetl-server-rust",
          "delete kubernetes:apps/v1:Deployment::noetl-server-rust",
          // Three of them ask each other.
          "update kubernetes:networking.k8s.io/v1:NetworkPolicy::noetl/allow-server: its flows",
        ],
      },
      {
        what: "the memory store of JetStream",
        settings: { "noetl:nats.jetstream.memory": "768Mi" },
        plan: [
          'update kubernetes:apps/v1:StatefulSet::nats: spec.template.metadata.annotations["noetl.io/config-checksum"], spec.template.spec.containers[1].env[0].value',
          'update kubernetes:core/v1:ConfigMap::nats-config: data["nats.conf"], data["restart-checksum"]',
        ],
      },
    ],
    together: [
      "create kubernetes:apps/v1:StatefulSet::noetl-server-rust",
      "create kubernetes:core/v1:Service::noetl-server-rust-headless",
      "create kubernetes:policy/v1:PodDisruptionBudget::noetl-server-rust",
      "delete kubernetes:apps/v1:Deployment::noetl-server-rust",
      "update kubernetes:apps/v1:Deployment::noetl-worker-rust: spec.template.spec.containers[0].image",
      'update kubernetes:apps/v1:StatefulSet::nats: spec.template.metadata.annotations["noetl.io/config-checksum"], spec.template.spec.containers[1].env[0].value',
      'update kubernetes:core/v1:ConfigMap::nats-config: data["nats.conf"], data["restart-checksum"]',
      "update kubernetes:networking.k8s.io/v1:NetworkPolicy::noetl/allow-server: its flows",
    ],
  },
  gke: {
    secrets: {
      postgresPassword: "canary five: the administrator of Cloud SQL",
      noetlPassword: "canary-six-of-the-server-and-pgbouncer",
    },
    found: {
      "noetl/noetl-secret": { NOETL_PASSWORD: "canary-six-of-the-server-and-pgbouncer" },
    },
    edits: [
      {
        what: "the image of the server",
        settings: { "noetl:server.image": "ghcr.io/noetl/server:2.42.1" },
        plan: ["update kubernetes:apps/v1:StatefulSet::noetl-server-rust: spec.template.spec.containers[0].image"],
      },
      {
        what: "more system workers at most",
        settings: { "noetl:systemPool.scaling.maxReplicas": 12 },
        plan: [
          "update kubernetes:keda.sh/v1alpha1:ScaledObject::noetl-worker-system-pool-scaler-worker-system-pool: spec.maxReplicaCount",
          // The alert of a pool that is at its maximum.
          "update kubernetes:monitoring.googleapis.com/v1:Rules::rules-noetl-consumers: spec.groups[0].rules[3].expr",
        ],
      },
      {
        what: "the file store of JetStream",
        settings: { "noetl:nats.jetstream.file": "15Gi" },
        plan: [
          'update kubernetes:apps/v1:StatefulSet::nats: spec.template.metadata.annotations["noetl.io/config-checksum"], spec.template.spec.containers[1].env[0].value',
          'update kubernetes:core/v1:ConfigMap::nats-config: data["nats.conf"], data["restart-checksum"]',
        ],
      },
    ],
    together: [
      'update kubernetes:apps/v1:StatefulSet::nats: spec.template.metadata.annotations["noetl.io/config-checksum"], spec.template.spec.containers[1].env[0].value',
      "update kubernetes:apps/v1:StatefulSet::noetl-server-rust: spec.template.spec.containers[0].image",
      'update kubernetes:core/v1:ConfigMap::nats-config: data["nats.conf"], data["restart-checksum"]',
      "update kubernetes:keda.sh/v1alpha1:ScaledObject::noetl-worker-system-pool-scaler-worker-system-pool: spec.maxReplicaCount",
      "update kubernetes:monitoring.googleapis.com/v1:Rules::rules-noetl-consumers: spec.groups[0].rules[3].expr",
    ],
  },
};

const NAMESPACES = ["nats", "noetl", "postgres"];

describeUnless(engineImpossible(), "the Pulumi engine", () => {
  let platform: PlatformCluster;

  beforeAll(async () => {
    platform = await startPlatformCluster();
  });

  afterAll(async () => {
    await (platform as PlatformCluster | undefined)?.stop();
  });

  it("has a story for every shipped stack; that of gke-base needs no cluster, and is in infrastructure.test.ts", () => {
    expect([...Object.keys(STORIES), "gke-base"].sort()).toEqual(STACKS);
  });

  describe.each(Object.keys(STORIES))("given the stack %s and an empty cluster", (name) => {
    const { secrets, found, edits, together } = STORIES[name] ?? { secrets: {}, found: {}, edits: [], together: [] };
    let stack: OpenStack;
    let resources: number;
    let before: string[];
    let isWatched: boolean;

    /** What is expected of a plan where nobody has Google's definitions. */
    const expected = (steps: string[]): string[] =>
      steps.filter((step) => isWatched || !step.includes("monitoring.googleapis.com"));

    beforeAll(async () => {
      const { cluster, engine, kubeconfig } = platform;
      before = await clusterScoped(cluster.kube);
      stack = await engine.open({ stack: name, kubeconfig });
      for (const [path, value] of Object.entries(secrets)) await stack.setSecret(`secrets.${path}`, value);
      isWatched = await knowsGoogleMonitoring(cluster.kube);
      if (!isWatched) stack.edit({ "noetl:monitoring.kind": "none" });
    });

    it("previews to create what the offline preview shows, and nothing else", async () => {
      const graph = await renderStack(readStackFile(stack.file));
      const { created, changes } = await stack.preview();

      // The engine makes a provider of its own for packages that the program names none for.
      expect(created.filter((urn) => !urn.includes("::pulumi:providers:random::default"))).toEqual(
        graph.resources.map(({ urn }) => urn).sort(),
      );
      resources = graph.resources.length;
      expect(changes).toEqual({ create: resources });
    });

    it("creates it, and waits until everything is ready", async () => {
      const { changes } = await stack.up();

      expect(changes).toEqual({ create: resources });
      const objects = await platformObjects(platform.cluster.kube);
      expect(namesOf(objects)).toEqual(await stack.objects());
      expect(notReady(objects)).toEqual([]);
    });

    it("changes nothing when nothing is edited", async () => {
      const { changes, plan } = await stack.up();

      expect({ changes, plan }).toEqual({ changes: { same: resources }, plan: [] });
    });

    it.each(edits)("previews exactly what an edit does: $what", async ({ settings, plan }) => {
      const undo = stack.edit(settings);
      const preview = await stack.preview();
      undo();

      expect(briefly(preview.plan)).toEqual(expected(plan));
    });

    it("previews all edits together, and does just that", async () => {
      for (const { settings } of edits) stack.edit(settings);
      const preview = await stack.preview();
      const { plan } = await stack.up();

      expect(briefly(preview.plan)).toEqual(expected(together));
      expect(briefly(plan)).toEqual(expected(together));
      const objects = await platformObjects(platform.cluster.kube);
      expect(namesOf(objects)).toEqual(await stack.objects());
      expect(notReady(objects)).toEqual([]);
    });

    it("finds the cluster as it left it", async () => {
      const { changes } = await stack.refresh();

      expect(Object.keys(changes)).toEqual(["same"]);
    });

    it("holds secrets in Secrets, and shows them nowhere else", async () => {
      const { cluster } = platform;
      const live = await secretsIn(cluster.kube, NAMESPACES);
      const words = [...secretWords(live), ...Object.values(secrets)];
      const others = (await platformObjects(cluster.kube)).filter(({ kind }) => kind !== "Secret");
      const logs = Object.entries(cluster.logs).map(([component, file]) => [component, readFileSync(file, "utf8")]);

      expect(live).toMatchObject(found);
      // Six values, and the two that are made of them: the URL of NATS and its file of passwords.
      expect(words.length).toBeGreaterThanOrEqual(8);
      expect(leaksIn({ said: stack.said.join("\n"), exported: await stack.exported() }, words)).toEqual([]);
      expect(leaksIn(filesBelow(stack.home), words)).toEqual([]);
      expect(leaksIn(Object.fromEntries(logs) as Record<string, string>, words)).toEqual([]);
      expect(leaksIn({ objects: JSON.stringify(others) }, words)).toEqual([]);
    });

    it("keeps its encryption key when it is destroyed while the key is protected", async () => {
      const { kube } = platform.cluster;
      const key = async (): Promise<string | undefined> =>
        (await secretsIn(kube, ["noetl"]))["noetl/noetl-secret"]?.NOETL_ENCRYPTION_KEY;
      const before = await key();
      if (readStackFile(stack.file).config.secrets.protect) {
        // With --skip-preview the engine deletes what it may before it tells.
        const { errors } = await failureOf(stack.destroy());
        expect(errors.join("\n")).toContain(`::encryption-key" cannot be deleted`);
      }

      stack.edit({ "noetl:secrets.protect": false });
      await stack.up();

      expect(before).toMatch(/^[A-Za-z0-9+/]{43}=$/);
      expect(await key()).toBe(before);
    });

    it("keeps its databases in Cloud SQL until somebody says that they may go", async () => {
      if (readStackFile(stack.file).config.postgres.mode !== "cloudSql") return;
      const { errors } = await failureOf(stack.destroy());
      expect(errors.join("\n")).toContain(`::database-noetl" cannot be deleted`);
      await stack.cli("state", "unprotect", "--all", "--yes");
    });

    it("leaves an empty cluster when it is destroyed", async () => {
      const { changes } = await stack.destroy();
      const { kube } = platform.cluster;

      expect(Object.keys(changes)).toEqual(["delete"]);
      expect(namesOf(await platformObjects(kube))).toEqual([]);
      // A volume goes a moment after its claim.
      await waitFor("volumes to be gone", async () =>
        (await kube.list("v1", "PersistentVolume")).length === 0 ? true : undefined,
      );
      expect(await clusterScoped(kube)).toEqual(before);
      await stack.close();
      expect(processesWith(platform.engine.folder)).toEqual([]);
    });
  });
});

/** Flows have no names to match them by: one more moves all that follow. */
function briefly(plan: readonly string[]): string[] {
  return plan.map((step) => step.replace(/(:NetworkPolicy::\S+): .*/, "$1: its flows"));
}

/** Names of objects outside of namespaces. */
async function clusterScoped(kube: PlatformCluster["cluster"]["kube"]): Promise<string[]> {
  const kinds = [
    ["v1", "Namespace"],
    ["v1", "PersistentVolume"],
    ["rbac.authorization.k8s.io/v1", "ClusterRole"],
    ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
  ] as const;
  return namesOf((await Promise.all(kinds.map(([apiVersion, kind]) => kube.list(apiVersion, kind)))).flat());
}
