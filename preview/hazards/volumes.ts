import { bytesText, quantityOf } from "../amounts";
import { manifestOf, type Manifest, type Resource } from "../graph";
import { at, textOf } from "../json";
import type { Workload } from "../workloads";
import type { Change, Danger, Hazard, Side } from "./hazard";

const PUMP = "Copy the data out: nats account backup ./nats-backup, or pg_dumpall for PostgreSQL.";

export const namespaceRemoved: Hazard = {
  id: "namespace-removed",
  title: "A namespace that holds volumes is removed",
  why: "Kubernetes deletes everything in it, volume claims included, and with the usual reclaim policy the disks behind them",
  safeWay: [
    PUMP,
    'Set the reclaim policy of its volumes to Retain, so that a mistake can be mended: kubectl patch pv NAME -p \'{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}\'',
    "Deploy the new place and bring the data in; check it.",
    "Remove the namespace with a waiver for this rule.",
  ],
  find: ({ before, after }) => {
    const left = new Set(objects(after, "Namespace").map(({ manifest }) => manifest.metadata.name));
    return objects(before, "Namespace").flatMap(({ resource, manifest: { metadata } }) => {
      const held = heldIn(before, metadata.name);
      if (left.has(metadata.name) || stays(resource) || held.length === 0) return [];
      return [
        {
          resource: resource.urn,
          what: `namespace ${metadata.name} goes, with ${held.join(", ")}`,
          avoid: `keep the namespace`,
        },
      ];
    });
  },
};

export const statefulSetRemoved: Hazard = {
  id: "stateful-set-removed",
  title: "A StatefulSet with volumes is removed or renamed",
  why: "nothing serves what lies on its volumes any more; one of another name starts on new, empty volumes",
  safeWay: [
    PUMP,
    "Deploy with a waiver for this rule. The volume claims stay.",
    "Bring the data in where it shall live from now on; check it.",
    "Delete the old claims by hand: kubectl -n NAMESPACE delete pvc NAME",
  ],
  find: (change) => {
    const gone = removedNamespaces(change);
    return setsOf(change.before).flatMap((set) => {
      if (gone.has(set.namespace) || stays(set.resource) || sameIn(change.after, set)) return [];
      const deleted = at(set.manifest.spec, "persistentVolumeClaimRetentionPolicy", "whenDeleted") === "Delete";
      return [
        {
          resource: set.resource.urn,
          what: `${setText(set)} goes${deleted ? ", and its volume claims are deleted with it (whenDeleted: Delete)" : ""}`,
          avoid: "keep it, by the same name in the same namespace",
        },
      ];
    });
  },
};

export const volumeRemoved: Hazard = {
  id: "volume-removed",
  title: "A volume claim is removed or renamed",
  why: "the pods start without what lay on the volume; a claim that is deleted takes its disk with it",
  safeWay: [
    PUMP,
    "Deploy with a waiver for this rule.",
    "Bring the data in, check it, and only then delete old claims.",
  ],
  find: (change) => {
    const gone = removedNamespaces(change);
    const templates = setsOf(change.before).flatMap((set) => {
      const same = sameIn(change.after, set);
      const kept = new Set(same?.volumeClaims.map(({ name }) => name));
      if (!same) return [];
      const lost = set.volumeClaims.filter(({ name }) => !kept.has(name));
      return lost.map(({ name, storage }) => ({
        resource: same.resource.urn,
        what: `claim '${name}' (${bytesText(storage)}) of ${setText(set)} goes`,
        avoid: "keep the claim, by the same name",
      }));
    });
    const claims = objects(change.before, "PersistentVolumeClaim").flatMap((claim): Danger[] => {
      const namespace = namespaceOf(claim.manifest);
      if (gone.has(namespace) || stays(claim.resource) || sameClaim(change.after, claim.manifest)) return [];
      const name = `${namespace}/${claim.manifest.metadata.name}`;
      return [{ resource: claim.resource.urn, what: `claim ${name} goes`, avoid: "keep the claim, by the same name" }];
    });
    return [...templates, ...claims];
  },
};

export const volumeShrunk: Hazard = {
  id: "volume-shrunk",
  title: "A volume claim becomes smaller",
  why: "Kubernetes never makes a volume smaller, so the StatefulSet is deleted and made again while its volumes keep their size; the only way to smaller ones is to delete what they hold",
  safeWay: [
    PUMP,
    "Remove the StatefulSet and its claims: kubectl -n NAMESPACE delete statefulset NAME; kubectl -n NAMESPACE delete pvc CLAIM-NAME-0",
    "Deploy with a waiver for this rule: pulumi up --refresh makes it anew, on smaller volumes.",
    "Bring the data in, and check it.",
  ],
  find: (change) => {
    const templates = setsOf(change.before).flatMap((set) => {
      const same = sameIn(change.after, set);
      return set.volumeClaims.flatMap((claim) => {
        const now = same?.volumeClaims.find(({ name }) => name === claim.name);
        return shrunk(same?.resource, `claim '${claim.name}' of ${setText(set)}`, claim.storage, now?.storage);
      });
    });
    const claims = objects(change.before, "PersistentVolumeClaim").flatMap(({ manifest }) => {
      const same = sameClaim(change.after, manifest);
      const name = `claim ${namespaceOf(manifest)}/${manifest.metadata.name}`;
      return shrunk(same?.resource, name, sizeOf(manifest), same && sizeOf(same.manifest));
    });
    return [...templates, ...claims];
  },
};

interface KubernetesObject {
  resource: Resource;
  manifest: Manifest;
}

function objects({ graph }: Side, kind: string): KubernetesObject[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    return manifest?.kind === kind ? [{ resource, manifest }] : [];
  });
}

/** Whether Pulumi leaves the object, or refuses to delete it. */
function stays({ protect, retainOnDelete }: Resource): boolean {
  return protect || retainOnDelete;
}

/** StatefulSets that claim volumes. */
function setsOf({ workloads }: Side): Workload[] {
  return workloads.filter(({ kind, volumeClaims }) => kind === "StatefulSet" && volumeClaims.length > 0);
}

function sameIn({ workloads }: Side, { kind, namespace, name }: Workload): Workload | undefined {
  return workloads.find((other) => other.kind === kind && other.namespace === namespace && other.name === name);
}

function sameClaim(side: Side, { metadata }: Manifest): KubernetesObject | undefined {
  return objects(side, "PersistentVolumeClaim").find(
    ({ manifest }) => manifest.metadata.name === metadata.name && manifest.metadata.namespace === metadata.namespace,
  );
}

function removedNamespaces(change: Change): Set<string> {
  const resources = new Set(namespaceRemoved.find(change).map(({ resource }) => resource));
  return new Set(
    objects(change.before, "Namespace")
      .filter(({ resource }) => resources.has(resource.urn))
      .map(({ manifest }) => manifest.metadata.name),
  );
}

/** What in a namespace holds data, in words. */
function heldIn(side: Side, namespace: string): string[] {
  const sets = setsOf(side).filter((set) => set.namespace === namespace);
  const claims = objects(side, "PersistentVolumeClaim").filter(({ manifest }) => namespaceOf(manifest) === namespace);
  return [
    ...sets.map(
      ({ name, volumeClaims }) =>
        `the volumes of StatefulSet ${name} (${volumeClaims.map((claim) => bytesText(claim.storage)).join(", ")} each)`,
    ),
    ...claims.map(({ manifest }) => `claim ${manifest.metadata.name} (${bytesText(sizeOf(manifest))})`),
  ];
}

function shrunk(
  resource: Resource | undefined,
  name: string,
  was: number | undefined,
  is: number | undefined,
): Danger[] {
  if (!resource || was === undefined || is === undefined || is >= was) return [];
  return [
    {
      resource: resource.urn,
      what: `${name} shrinks from ${bytesText(was)} to ${bytesText(is)}`,
      avoid: `keep ${bytesText(was)}`,
    },
  ];
}

function setText({ namespace, name }: Workload): string {
  return `StatefulSet ${namespace}/${name}`;
}

function namespaceOf({ metadata }: Manifest): string {
  return textOf(metadata.namespace) ?? "default";
}

function sizeOf(manifest: Manifest): number | undefined {
  return quantityOf(at(manifest.spec, "resources", "requests", "storage"));
}
