import type { Platform } from "../../preview/checks";
import type { AdoptionFile } from "../../stacks/adoption";
import type { ClusterApi } from "../cluster/api";
import { liveObjects, tryOut, type Live } from "../cluster/live";
import { isImportable, judge, judgeSecret, type Verdict } from "./compare";
import { helmReleaseOf, idOf, isByOthers, nameOf, type Planned, plannedObjects } from "./objects";
import { type SecretMove, secretMoves } from "./secrets";
import { stepFor } from "./steps";

/** A live object that the program changes. */
export interface DifferentObject {
  name: string;
  /** How it is taken over. */
  by: "import" | "apply";
  /** Paths, never values. */
  changed: string[];
}

/** Parts of a live object that the program does not have, and that stay because somebody else owns them. */
export interface Leftover {
  name: string;
  kept: string[];
}

/** A live object that cannot be taken over before somebody has done something. */
export interface RefusedObject {
  name: string;
  reasons: string[];
  next: string;
}

/** The live installation beside the program; every list is sorted by name. */
export interface Adoption {
  stack: string;
  context: string;
  /** Whether the first update can run: nothing is refused and no secret is left behind. */
  ready: boolean;
  matched: string[];
  different: DifferentObject[];
  leftovers: Leftover[];
  refused: RefusedObject[];
  /** In the program only: the update creates them. */
  missing: string[];
  /** Live only: the update leaves them alone. */
  unknown: string[];
  /** `NAMESPACE/NAME` of Helm releases in these namespaces. */
  helmReleases: string[];
  secrets: SecretMove[];
}

/** Who asks, in the API server's eyes; a dry run leaves no trace of it. */
const MANAGER = "noetl-ops-adopt";

/** Looks at a live installation; changes nothing. @throws UserError when the API server does not let it */
export async function lookAtLive(
  { graph, config }: Platform,
  api: ClusterApi,
): Promise<{ adoption: Adoption; file: AdoptionFile }> {
  const planned = plannedObjects(graph);
  // Only the names of a Secret's keys are ever looked at.
  const live = await liveObjects(planned, api, () => "");
  const found = new Map(live.map((object) => [nameOf(object), object]));
  const there = planned.flatMap((object) => {
    const other = found.get(nameOf(object.manifest));
    return other === undefined ? [] : [{ ...object, live: other }];
  });
  const verdicts = await Promise.all(
    there.map(async (object) => ({ ...object, verdict: await verdictOf(object, object.live, api) })),
  );

  const adopted = verdicts.filter(({ verdict }) => verdict.refused.length === 0);
  const imports = adopted.filter(({ manifest, live: other }) => isImportable(manifest, other));
  const mode = new Set(imports.map(({ urn }) => urn));
  const names = new Set(planned.map(({ manifest }) => nameOf(manifest)));
  const secrets = secretMoves(config, graph.stack, live);
  const refused = verdicts.filter(({ verdict }) => verdict.refused.length > 0);
  const adoption: Adoption = {
    stack: graph.stack,
    context: config.cluster.context,
    ready: refused.length + secrets.length === 0,
    matched: adopted
      .flatMap(({ manifest, verdict }) => (verdict.changed.length === 0 ? [nameOf(manifest)] : []))
      .sort(),
    different: byName(
      adopted.flatMap(({ urn, manifest, verdict: { changed } }) =>
        changed.length === 0 ? [] : [{ name: nameOf(manifest), by: mode.has(urn) ? "import" : "apply", changed }],
      ),
    ),
    leftovers: byName(
      adopted.flatMap(({ manifest, verdict: { kept } }) =>
        kept.length === 0 ? [] : [{ name: nameOf(manifest), kept }],
      ),
    ),
    refused: byName(
      refused.map(({ manifest, live: other, verdict }) => ({
        name: nameOf(manifest),
        reasons: verdict.refused,
        next: stepFor(manifest, other, verdict.refused, config.cluster.context),
      })),
    ),
    missing: [...names].filter((name) => !found.has(name)).sort(),
    unknown: live.flatMap((object) => (names.has(nameOf(object)) || isByOthers(object) ? [] : [nameOf(object)])).sort(),
    helmReleases: [...new Set(live.flatMap((object) => helmReleaseOf(object) ?? []))].sort(),
    secrets,
  };
  const file: AdoptionFile = {
    stack: graph.stack,
    imports: Object.fromEntries(imports.map(({ urn, manifest }) => [urn, idOf(manifest)])),
    applies: adopted.flatMap(({ urn }) => (mode.has(urn) ? [] : [urn])),
  };
  return { adoption, file };
}

async function verdictOf({ manifest }: Planned, live: Live, api: ClusterApi): Promise<Verdict> {
  if (manifest.kind === "Secret") return judgeSecret(manifest, live);
  return judge(manifest, live, await tryOut(manifest, api, MANAGER));
}

function byName<T extends { name: string }>(items: T[]): T[] {
  return items.sort((a, b) => (a.name < b.name ? -1 : 1));
}
