import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Manifest } from "../../../preview/graph";
import { POD_MUTANTS } from "../../preview/policies/pod-mutants";
import { type Cluster, startCluster } from "../cluster/cluster";
import { DEFAULT_NODES } from "../cluster/nodes";
import type { KubeClient } from "../support/kube";
import { type KubeObject, refOf } from "../support/objects";
import {
  type Account,
  accountsOf,
  asLines,
  confirmed,
  inPlaces,
  matrix,
  OUTSIDER,
  promisedRights,
  rightsIn,
  untilConfirmed,
  whatOf,
  withoutImplied,
} from "./access";
import { allCases } from "./cases";
import {
  clear,
  deploy,
  eventsOf,
  foreignNamespaces,
  makeNamespaces,
  namespacesOf,
  nodesOf,
  openOnly,
  untilRunning,
} from "./deployment";
import { keyOf, objectsOf, readable, type SecretValues } from "./objects";
import { controlsRefused, REFUSED, refusedPods } from "./refusals";
import { clusterImpossible, describeUnless } from "./requirements";
import { unchanging } from "./unchanging";
import { boundClaims, goodPods, podIndexes, wantedClaims, wantedIndexes, wantedPods } from "./workloads";

/*
 * What a real API server, with its controllers and scheduler, makes of every object we render, Secrets with real values
 * included. Not proved here: that images run, and what a kubelet does with a pod.
 */

const CASES = allCases();

/** A namespace that is none of the platform's business. */
const SYSTEM = "kube-system";

describeUnless(clusterImpossible(), "the API server", () => {
  let cluster: Cluster | undefined;
  let kube: KubeClient;
  /** What everybody may do, for example ask what he may do. */
  let everybodys: ReadonlySet<string>;

  beforeAll(async () => {
    const declared = CASES.flatMap(({ name, settings }) => nodesOf(name, settings.config) ?? []);
    cluster = await startCluster({ crds: true, nodes: [...DEFAULT_NODES, ...declared] });
    kube = cluster.kube;
    everybodys = new Set((await rightsIn(kube, OUTSIDER, "default")).map(whatOf));
  });

  afterAll(() => cluster?.stop());

  // test/preview/policies asks the policy restricted-pods about the same pods.
  it("refuses the pods that break the policy restricted-pods, each for the same controls", async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await kube.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "mutants", labels } });

    const mutants = Object.entries(POD_MUTANTS);
    const refused = await Promise.all(mutants.map(async ([name, { pod }]) => [name, await controlsRefused(kube, pod)]));

    const sorted = (names: unknown) => [...(names as string[])].sort();
    expect(refused.map(([name, controls]) => [name, sorted(controls)])).toStrictEqual(
      mutants.map(([name, { broken }]) => [name, sorted(broken)]),
    );
  });

  describe.each(CASES)("given the stack $name", ({ name, inFull, settings }) => {
    const { config } = settings;
    let objects: Manifest[] = [];
    let secrets: SecretValues;
    let namespaces: string[];
    let foreign: string[];
    let accounts: Account[];
    let places: string[];
    const promised = promisedRights(config);

    beforeAll(async () => {
      ({ objects, secrets } = await objectsOf(settings));
      objects = readable(objects, cluster?.crds.missing ?? []);
      namespaces = namespacesOf(objects);
      foreign = foreignNamespaces(config, objects);
      accounts = accountsOf(objects);
      places = [...namespaces, ...foreign, SYSTEM];
      await openOnly(kube, nodesOf(name, config) ?? DEFAULT_NODES);
      await makeNamespaces(kube, foreign);
    });

    afterAll(() => clear(kube, objects));

    it("takes every object, knows each field, and warns of nothing", async () => {
      const applied = await deploy(kube, objects);

      const old = applied.filter(({ created, object }) => !created && object.kind !== "Namespace");
      expect(old.map(({ object }) => idOf(object))).toStrictEqual([]);
      expect(applied).toHaveLength(objects.length);
      const warnings = applied.flatMap(({ object, warnings: texts }) =>
        texts.filter((text) => !text.includes(GKE_INGRESS)).map((text) => [idOf(object), text]),
      );
      expect(warnings).toStrictEqual([]);
    });

    it("keeps every secret value to the byte", async () => {
      const stored = await Promise.all(
        objects
          .filter(({ kind }) => kind === "Secret")
          .map(async (object) => [keyOf(object), textsOf(await kube.get<Secret>(refOf(object)))] as const),
      );

      expect(Object.fromEntries(stored)).toStrictEqual(Object.fromEntries(secrets));
    });

    it("admits and runs every pod on the nodes the stack declares, completes every Job, binds every volume", async () => {
      await untilRunning(kube, objects);

      expect(await goodPods(kube, namespaces)).toStrictEqual(wantedPods(objects));
      expect(await podIndexes(kube, namespaces)).toStrictEqual(wantedIndexes(objects));
      expect(await boundClaims(kube, namespaces)).toStrictEqual(wantedClaims(objects));
      expect(await eventsOf(kube, namespaces, "reason=FailedCreate")).toStrictEqual([]);
    });

    it("refuses a pod that breaks the restricted level in any way, in each namespace", async () => {
      const refused = await Promise.all(namespaces.map((namespace) => refusedPods(kube, namespace)));

      expect(refused).toStrictEqual(namespaces.map(() => REFUSED));
    });

    it("changes nothing when all is applied again", async () => {
      const before = await Promise.all(objects.map((object) => kube.get(refOf(object))));

      const again = await kube.applyAll(objects);

      const after = new Map(again.map(({ object }) => [idOf(object), unchanging(object)]));
      expect(objects.map((object) => after.get(idOf(object)))).toStrictEqual(
        before.map((object) => object && unchanging(object)),
      );
    });

    it("gives each account the promised rights and no others, as it says of itself", async () => {
      await untilConfirmed(kube, promised);

      const said = await Promise.all(
        accounts.flatMap((account) => places.map((place) => rightsIn(kube, account, place))),
      );

      const special = said.flat().filter((right) => !everybodys.has(whatOf(right)));
      expect(asLines(special)).toStrictEqual(asLines(inPlaces(promised, places)));
    });

    if (!inFull) return;
    it("allows no account anything sensitive beyond that, asked one by one", async () => {
      await untilConfirmed(kube, promised);

      const allowed = await confirmed(kube, matrix(accounts, places));

      expect(asLines(withoutImplied(allowed))).toStrictEqual(asLines(promised));
    });
  });
});

/** GKE's controller of Ingress knows this annotation only; Kubernetes would rather have a class, which it does not read. */
const GKE_INGRESS = 'annotation "kubernetes.io/ingress.class" is deprecated';

interface Secret extends KubeObject {
  data?: Record<string, string>;
}

/** The decoded values of a Secret. */
function textsOf(secret: Secret | undefined): Record<string, string> {
  const values = Object.entries(secret?.data ?? {});
  return Object.fromEntries(values.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
}

function idOf({ kind, metadata: { name, namespace = "" } }: KubeObject): string {
  return `${kind} ${namespace}/${name}`;
}
