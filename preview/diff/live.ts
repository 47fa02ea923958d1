/** Who has set fields of a live object, as the API server keeps it. */
export interface Owner {
  /** `kubectl-edit`, `pulumi-kubernetes-1a2b3c4d`. */
  manager: string;
  /** `Apply` or `Update`. */
  operation: string;
  /** When last, as `2026-11-21T10:00:00Z`. */
  time?: string;
}

/** Who changed a resource of the program in the cluster. */
export interface ChangedBy extends Owner {
  /** URN. */
  resource: string;
  /** Paths of the fields that differ from the program. */
  fields: string[];
}

/** What there is to say of a cluster beside what an update would do to it. */
export interface LiveFacts {
  /** Who changed what the program says otherwise. */
  changedBy: ChangedBy[];
  /** What somebody has added to objects of the program, and an update leaves there. */
  added: (ChangedBy & { name: string })[];
  /** Objects in the namespaces of the program that it does not have; an update leaves them alone. */
  unknown: string[];
}

/** `kubectl-edit at 2026-11-21T10:00:00Z`. */
export function ownerText({ manager, time }: Owner): string {
  return time === undefined ? manager : `${manager} at ${time}`;
}

/** Sections about a cluster beside those about its objects: a title, and lines. */
export function liveSections({ added, unknown }: LiveFacts): [title: string, lines: string[]][] {
  const sections: [string, string[]][] = [
    ["Added by hand, and left there", added.map((by) => `${by.name}: ${by.fields.join(", ")} by ${ownerText(by)}`)],
    ["In the cluster only, and left alone", [...unknown]],
  ];
  return sections.filter(([, lines]) => lines.length > 0);
}
