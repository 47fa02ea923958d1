import { factsOf } from "../facts";
import type { Json } from "../graph";
import { bodyOf } from "../manifests";
import { toYamlText } from "../yaml-text";
import { IMPACT_STYLES, rolloutText } from "./impact-style";
import { keyOf, type Place, type PlatformMap } from "./map";

/** What a page's script reads. Lists are by the number of the place. */
export interface PageData {
  places: PlaceData[];
  /** Who needs whom and why: numbers of places. */
  links: [from: number, to: number, reason: string][];
  /** What is compared. */
  compared?: string;
}

interface PlaceData {
  key: string;
  name: string;
  kind: string;
  parent?: number;
  /** Facts by their names, in the order in which they are shown. */
  facts: [string, string][];
  /** The manifest as YAML; none for components and for what a change removes. */
  text?: string;
  change?: ChangeData;
}

interface ChangeData {
  effects: { sign: string; tone: string; label: string; reason: string; fields: readonly string[] }[];
  rollout?: string;
  edits: readonly string[];
  fields: { path: string; before: string; after: string }[];
}

/** Characters of all manifests of a page; with all else a page of 2,000 resources stays below 5 MB. */
const MOST_TEXT = 3_600_000;
/** Characters of one side of a field that changes. */
const MOST_VALUE = 2_000;

/** Everything a page tells of each place. */
export function pageData(map: PlatformMap): PageData {
  const texts = fitting(
    map.places.map((place) =>
      place.component || place.change?.change === "removed" ? "" : toYamlText(bodyOf(place.resource)),
    ),
    MOST_TEXT,
  );
  return {
    places: map.places.map((place, index) => placeData(place, texts[index] ?? "")),
    links: map.links.flatMap(({ from, to, reason }): PageData["links"] => {
      const [a, b] = [map.byUrn.get(from), map.byUrn.get(to)];
      return a && b ? [[a.id, b.id, reason]] : [];
    }),
    ...(map.report && { compared: `${map.report.before} → ${map.report.after}` }),
  };
}

function placeData(place: Place, text: string): PlaceData {
  const { resource, kind, name, namespace, parent, change, component } = place;
  const removed = change?.change === "removed";
  const facts: [string, string][] = [
    ...(namespace === undefined ? [] : ([["namespace", namespace]] as [string, string][])),
    ["type", resource.type],
    ...(component || removed ? [] : factsOf(resource).map((fact): [string, string] => ["", fact])),
    ...(component ? ([["resources", String(place.size)]] as [string, string][]) : []),
    ...(resource.protect ? ([["Pulumi", "protected: it refuses to delete it"]] as [string, string][]) : []),
    ...(resource.retainOnDelete
      ? ([["Pulumi", "leaves the real object when it is removed"]] as [string, string][])
      : []),
  ];
  return {
    key: keyOf(place),
    name,
    kind,
    ...(parent && { parent: parent.id }),
    facts,
    ...(text !== "" && { text }),
    ...(change && {
      change: {
        effects: change.effects.map(({ impact, reason, fields }) => ({ ...IMPACT_STYLES[impact], reason, fields })),
        ...(change.rollout && { rollout: rolloutText(change.rollout) }),
        edits: change.edits ?? [],
        fields: change.fields.map(({ path, before, after }) => ({ path, before: shown(before), after: shown(after) })),
      },
    }),
  };
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE)}…` : text;
}

/** Texts of which the longest are cut so that all together have at most so many characters; short ones stay whole. */
export function fitting(texts: readonly string[], most: number): string[] {
  let room = most;
  let limit = Infinity;
  const lengths = texts.map(({ length }) => length).sort((a, b) => a - b);
  for (const [index, length] of lengths.entries()) {
    const share = Math.floor(room / (lengths.length - index));
    if (length > share) {
      limit = share;
      break;
    }
    room -= length;
  }
  return texts.map((text) => {
    if (text.length <= limit) return text;
    return `${text.slice(0, Math.max(0, limit - CUT.length))}${CUT}`;
  });
}

const CUT = "\n# … cut, as the page is full: noetl-ops preview --format yaml\n";
