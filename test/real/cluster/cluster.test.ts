import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { runUntilFirstLine } from "../support/children";
import type { KubeObject } from "../support/objects";
import { refOf } from "../support/objects";
import { processesWith } from "../support/processes";
import { waitFor } from "../support/wait";
import { createAuthority } from "./certificates";
import { type Cluster, startCluster } from "./cluster";
import { ClusterError } from "./failure";

const ZONE = "topology.kubernetes.io/zone";

async function untilNothingRunsIn(folder: string): Promise<void> {
  await waitFor("the end of all processes", () => (processesWith(folder).length === 0 ? true : undefined));
}

describe("a test cluster", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ contextName: "test-of-the-cluster", crds: true });
    process.stdout.write(`control plane, nodes and CRDs usable after ${cluster.bootMilliseconds} ms\n`);
  });

  afterAll(async () => {
    await cluster.stop();
  });

  function namespace(name: string, labels: Record<string, string> = {}): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  }

  /** A namespace in which pods can be made at once. */
  async function readyNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
    await cluster.kube.applyAll([namespace(name, labels)]);
    await cluster.kube.untilReady({ apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace: name });
  }

  it("is what its kubeconfig says", () => {
    const kubeconfig = parse(readFileSync(cluster.kubeconfigPath, "utf8")) as Record<string, unknown>;

    expect(kubeconfig["current-context"]).toBe("test-of-the-cluster");
    expect(kubeconfig.clusters).toStrictEqual([
      {
        name: "test-of-the-cluster",
        cluster: {
          server: cluster.server,
          "certificate-authority-data": readFileSync(cluster.caFile).toString("base64"),
        },
      },
    ]);
  });

  it("has two ready nodes in each of three zones", async () => {
    const nodes = await cluster.kube.list("v1", "Node");

    expect(nodes.map(({ metadata }) => [metadata.name, metadata.labels?.[ZONE]])).toStrictEqual([
      ["node-a-1", "a"],
      ["node-a-2", "a"],
      ["node-b-1", "b"],
      ["node-b-2", "b"],
      ["node-c-1", "c"],
      ["node-c-2", "c"],
    ]);
  });

  it("makes Deployments ready and Jobs complete", async () => {
    await readyNamespace("workloads");
    const podTemplate = {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "web:1" }] },
    };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "workloads" },
      spec: { replicas: 3, selector: { matchLabels: { app: "web" } }, template: podTemplate },
    };
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "once", namespace: "workloads" },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "once", image: "once:1" }] } } },
    };

    await cluster.kube.applyAll([deployment, job]);

    await expect(cluster.kube.untilReady(refOf(deployment))).resolves.toMatchObject({
      status: { readyReplicas: 3, updatedReplicas: 3, availableReplicas: 3 },
    });
    await expect(cluster.kube.untilReady(refOf(job))).resolves.toMatchObject({ status: { succeeded: 1 } });
  });

  describe("with a StatefulSet that spreads over the zones and claims a volume for each pod", () => {
    const statefulSet = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db", namespace: "volumes" },
      spec: {
        replicas: 3,
        serviceName: "db",
        podManagementPolicy: "Parallel",
        selector: { matchLabels: { app: "db" } },
        template: {
          metadata: { labels: { app: "db" } },
          spec: {
            containers: [{ name: "db", image: "db:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: ZONE,
                whenUnsatisfiable: "DoNotSchedule",
                labelSelector: { matchLabels: { app: "db" } },
              },
            ],
          },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
          },
        ],
      },
    };
    type Claim = KubeObject & {
      spec: { volumeName: string; storageClassName: string };
      status: { capacity: { storage: string } };
    };
    type Volume = KubeObject & { spec: { capacity: { storage: string }; nodeAffinity: { required: unknown } } };
    const claimRef = (index: number) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      name: `data-db-${index}`,
      namespace: "volumes",
    });
    const volumeRef = (claim: Claim) => ({ apiVersion: "v1", kind: "PersistentVolume", name: claim.spec.volumeName });

    beforeAll(async () => {
      await readyNamespace("volumes");
      await cluster.kube.apply(statefulSet);
      await cluster.kube.untilReady(refOf(statefulSet));
    });

    it("runs one pod in each zone, each with a volume in its zone", async () => {
      const { kube } = cluster;
      const zones = new Map(
        (await kube.list("v1", "Node")).map((node) => [node.metadata.name, node.metadata.labels?.[ZONE]]),
      );
      const pods = await kube.list<KubeObject & { spec: { nodeName: string } }>("v1", "Pod", { namespace: "volumes" });
      const zonesOfPods = pods.map(({ spec }) => zones.get(spec.nodeName));
      expect([...zonesOfPods].sort()).toStrictEqual(["a", "b", "c"]);

      for (const [index, zone] of zonesOfPods.entries()) {
        const claim = await kube.untilReady<Claim>(claimRef(index));
        expect(claim.spec.storageClassName).toBe("standard");
        const volume = await kube.get<Volume>(volumeRef(claim));
        expect(volume?.spec.nodeAffinity.required).toStrictEqual({
          nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }],
        });
      }
    });

    it("grows a volume whose claim asks for more", async () => {
      const { kube } = cluster;
      const resources = { requests: { storage: "20Gi" } };
      const { apiVersion, kind, name, namespace: inNamespace } = claimRef(0);

      await kube.apply(
        { apiVersion, kind, metadata: { name, namespace: inNamespace }, spec: { resources } },
        { force: true },
      );

      const claim = await kube.until<Claim>(claimRef(0), ({ status }) => status.capacity.storage === "20Gi");
      expect((await kube.get<Volume>(volumeRef(claim)))?.spec.capacity).toStrictEqual({ storage: "20Gi" });
    });

    it("removes a volume with its claim", async () => {
      const { kube } = cluster;
      const claim = await kube.untilReady<Claim>(claimRef(2));

      await kube.remove(refOf(statefulSet));
      await kube.untilGone({ apiVersion: "v1", kind: "Pod", name: "db-2", namespace: "volumes" });
      await kube.remove(claimRef(2));

      await kube.untilGone(claimRef(2));
      await kube.untilGone(volumeRef(claim));
    });
  });

  describe("with a namespace that enforces the restricted Pod Security level", () => {
    beforeAll(() => readyNamespace("restricted", { "pod-security.kubernetes.io/enforce": "restricted" }));

    function pod(name: string, podSecurity: object, security: object): KubeObject {
      return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "restricted" },
        spec: {
          securityContext: podSecurity,
          containers: [{ name: "box", image: "box:1", securityContext: security }],
        },
      };
    }

    it("rejects a pod that does not restrict itself, and says all that is wrong", async () => {
      const bad = cluster.kube.apply(pod("bad", {}, {}));

      await expect(bad).rejects.toMatchObject({
        status: 403,
        reason: "Forbidden",
        message:
          "PATCH /api/v1/namespaces/restricted/pods/bad: 403 Forbidden: " +
          'pods "bad" is forbidden: violates PodSecurity "restricted:latest": ' +
          'allowPrivilegeEscalation != false (container "box" must set securityContext.allowPrivilegeEscalation=false), ' +
          'unrestricted capabilities (container "box" must set securityContext.capabilities.drop=["ALL"]), ' +
          'runAsNonRoot != true (pod or container "box" must set securityContext.runAsNonRoot=true), ' +
          'seccompProfile (pod or container "box" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      });
    });

    it("runs a pod that does", async () => {
      const good = pod(
        "good",
        { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      );

      const { warnings } = await cluster.kube.apply(good);

      expect(warnings).toStrictEqual([]);
      await cluster.kube.untilReady(refOf(good));
    });
  });

  it("refuses fields that a kind does not have, its own and those of custom resources", async () => {
    const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "odd", namespace: "default" }, dta: {} };
    const scaledObject = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "odd", namespace: "default" },
      spec: { scaleTargetRef: { name: "web" }, triggers: [], coolDown: 1 },
    };

    await expect(cluster.kube.apply(configMap)).rejects.toThrow(".dta: field not declared in schema");
    await expect(cluster.kube.apply(scaledObject)).rejects.toThrow(".spec.coolDown: field not declared in schema");
  });

  it("changes nothing on a second apply, and stores nothing on a dry run", async () => {
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "same", namespace: "default" },
      data: { a: "1" },
    };

    const dry = await cluster.kube.apply(configMap, { dryRun: true });
    const first = await cluster.kube.apply(configMap);
    const second = await cluster.kube.apply(configMap);

    expect([dry.created, first.created, second.created]).toStrictEqual([true, true, false]);
    expect(second.object).toStrictEqual(first.object);
  });

  it("authorizes by RBAC", async () => {
    const subject = { serviceAccount: "reader", namespace: "rbac" };
    await cluster.kube.applyAll([
      namespace("rbac"),
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "Role",
        metadata: { name: "reader", namespace: "rbac" },
        rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] }],
      } as KubeObject,
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "reader", namespace: "rbac" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
        subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "rbac" }],
      } as KubeObject,
    ]);
    const may = (verb: string, inNamespace: string): Promise<boolean> =>
      cluster.kube.allows(subject, { verb, group: "apps", resource: "deployments", namespace: inNamespace });

    await waitFor("the authorizer to know the role", async () => ((await may("get", "rbac")) ? true : undefined));
    expect([await may("delete", "rbac"), await may("get", "default")]).toStrictEqual([false, false]);
  });

  it("passes requests for an aggregated API on, with the user's name and a certificate of its own", async () => {
    const [authority, proxyCa] = [await createAuthority("metrics"), readFileSync(join(cluster.folder, "proxy-ca.crt"))];
    const { certificate, key } = await authority.server(["metrics.default.svc"]);
    // Trusts only the certificate that the API server proves itself with, as an adapter of metrics does.
    const options = { cert: certificate, key, ca: proxyCa, requestCert: true, rejectUnauthorized: true };
    const server = createHttpsServer(options, ({ headers }, response) => {
      response.setHeader("content-type", "application/json").end(JSON.stringify({ user: headers["x-remote-user"] }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "metrics", namespace: "default" },
      spec: { type: "ExternalName", externalName: "localhost" },
    };
    const apiService = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.metrics.example.org" },
      spec: {
        group: "metrics.example.org",
        version: "v1",
        service: { name: "metrics", namespace: "default", port },
        caBundle: Buffer.from(authority.certificate).toString("base64"),
        groupPriorityMinimum: 1000,
        versionPriority: 10,
      },
    };

    await cluster.kube.applyAll([service, apiService]);
    await cluster.kube.untilReady(refOf(apiService));
    const { body } = await cluster.kube.send("/apis/metrics.example.org/v1/values");

    await cluster.kube.remove(refOf(apiService));
    server.closeAllConnections();
    server.close();
    expect(body).toStrictEqual({ user: "admin" });
  });

  it("keeps its objects when the API server crashes and comes back", async () => {
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kept", namespace: "default" },
      data: { a: "1" },
    };
    const { object } = await cluster.kube.apply(configMap);

    await cluster.kill("kube-apiserver");
    await expect(cluster.kube.get(refOf(configMap))).rejects.toThrow("ECONNREFUSED");
    await cluster.restart("kube-apiserver");

    expect(await cluster.kube.get(refOf(configMap))).toStrictEqual(object);
  });

  it("leaves no process and no folder when it is stopped", async () => {
    expect(processesWith(cluster.folder)).toHaveLength(5);

    await cluster.stop();

    expect(processesWith(cluster.folder)).toStrictEqual([]);
    expect(existsSync(cluster.folder)).toBe(false);
  });
});

describe("a test cluster whose process is killed", () => {
  it("leaves no process and no folder", async () => {
    const { child, line: folder } = await runUntilFirstLine(join(__dirname, "fixtures/hold-cluster.ts"));
    expect(processesWith(folder)).toHaveLength(5);

    child.kill("SIGKILL");

    await untilNothingRunsIn(folder);
    await waitFor("the end of the folder", () => (existsSync(folder) ? undefined : true));
  });
});

describe("a test cluster that does not come up", () => {
  let folder: string;
  const tmp = process.env.TMPDIR;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-test-"));
    // The folders of clusters are made here, so that everything that belongs to them can be counted.
    process.env.TMPDIR = folder;
  });

  afterEach(() => {
    if (tmp === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = tmp;
    rmSync(folder, { recursive: true });
  });

  async function reasonOf(start: Promise<Cluster>): Promise<string> {
    const error = await start.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ClusterError);
    return (error as ClusterError).message;
  }

  it("says which port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;

    const reason = await reasonOf(startCluster({ port }));

    server.close();
    expect(reason).toBe(`the test cluster cannot run: kube-apiserver: port 127.0.0.1:${port} is in use`);
    expect(processesWith(folder)).toStrictEqual([]);
  });

  it("says which component ended, where its log is, and what that says, and leaves nothing running", async () => {
    const fake = join(folder, "kube-scheduler");
    writeFileSync(
      fake,
      '#!/bin/sh\n[ "$1" = --version ] && echo Kubernetes v1.36.9 && exit\necho one\necho two\nexit 3\n',
    );
    chmodSync(fake, 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ""}` };

    const [line = "", ...details] = (await reasonOf(startCluster({ env }))).split("\n");

    const [start, log = ""] = line.split("; log: ");
    expect(start).toBe("the test cluster did not come up: kube-scheduler: it ended with exit code 3");
    expect(details).toStrictEqual(["    one", "    two"]);
    expect(readFileSync(log, "utf8")).toBe("one\ntwo\n");
    expect(processesWith(folder)).toStrictEqual([]);
    rmSync(log);
  });

  it("says which tool cannot be built", async () => {
    const env = { PATH: folder, XDG_CACHE_HOME: folder };

    const reason = await reasonOf(startCluster({ env }));

    expect(reason).toBe(
      "the test cluster cannot run: etcd: not built and not on PATH in a version from 3.6.0 to below 4.0.0; " +
        "no Go toolchain on PATH (https://go.dev/dl, 1.26 or newer)",
    );
  });
});
