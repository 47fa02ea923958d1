import { counted } from "../amounts";
import type { Finding } from "../checks";
import { resourceTitle } from "../checks/check";
import type { FieldChange } from "../field-changes";
import { valueText } from "../format-difference";
import type { ImpactReport, ResourceImpact } from "../impact";
import { differenceLines, hunks } from "../line-difference";
import type { StackDiff } from "./diff";
import { liveSections, ownerText, type ChangedBy, type LiveFacts } from "./live";
import { block, code, escaped, folded } from "./markdown";
import { printable, reasonsOf, rolloutText, sectionsOf, statsOf, titleOf, type Section } from "./sections";

/** Characters of a comment; GitHub takes 65,536, and who posts it may add some. */
const MOST_CHARACTERS = 64_000;

/** How much is told. */
interface Detail {
  /** Resources of a section. */
  items: number;
  /** Lines about changed fields in a section that is open, and in one that is folded. */
  openLines: number;
  foldedLines: number;
  /** Characters of a reason, a value, or a note. */
  text: number;
  findings: number;
}

const WHOLE: Detail = {
  items: Infinity,
  openLines: Infinity,
  foldedLines: Infinity,
  text: Infinity,
  findings: Infinity,
};

/** From all to next to nothing: a comment has the first that fits. */
const DETAILS: Detail[] = [
  { items: 300, openLines: 400, foldedLines: 400, text: 500, findings: 30 },
  { items: 100, openLines: 100, foldedLines: 30, text: 300, findings: 20 },
  { items: 40, openLines: 40, foldedLines: 0, text: 200, findings: 10 },
  { items: 10, openLines: 0, foldedLines: 0, text: 150, findings: 5 },
  { items: 2, openLines: 0, foldedLines: 0, text: 80, findings: 1 },
  { items: 0, openLines: 0, foldedLines: 0, text: 60, findings: 0 },
];

/** Marks the comment of a stack, so that the next run finds it. Nobody sees it. */
export function marker(stack: string): string {
  return `<!-- noetl-ops diff ${stack} -->`;
}

/** Comparisons as one Markdown comment, which GitHub never finds too long. Ends in a newline. */
export function formatComment(diffs: readonly StackDiff[]): string {
  const each = Math.floor(MOST_CHARACTERS / Math.max(1, diffs.length)) - 2;
  return `${diffs.map((diff) => fitting(diff, each)).join("\n\n")}\n`.slice(0, MOST_CHARACTERS);
}

/** Comparisons with everything that is known, however long. */
export function formatReport(diffs: readonly StackDiff[]): string {
  return `${diffs.map((diff) => stackText(printable(diff), WHOLE)).join("\n\n")}\n`;
}

function fitting(diff: StackDiff, most: number): string {
  const clean = printable(diff);
  const short = DETAILS.map((detail) => () => stackText(clean, detail));
  for (const make of [() => stackText(clean, WHOLE), ...short]) {
    const text = make();
    if (text.length <= most) return text;
  }
  return `${marker(diff.stack)}\n### ${escaped(diff.stack).slice(0, 100)}\n\nThe report is too long for a comment.`.slice(
    0,
    most,
  );
}

function stackText({ stack, report, notes, problem, live }: StackDiff, detail: Detail): string {
  const said = [...notes, ...(report?.unseen ?? [])].slice(0, detail === WHOLE ? Infinity : 10);
  const quoted = said.map((note) => `> ${escaped(shorten(note, detail.text * 2))}`).join("\n>\n");
  if (!report) {
    const text = block(shorten(problem ?? "", detail.text * 10).split("\n"), "text");
    return paragraphs(marker(stack), `### ${escaped(stack)}: not compared`, quoted, text);
  }
  const { counts, text } = statsOf(report);
  const [added, changed, removed] = counts;
  const sides = `${code(shorten(report.before, 200))} → ${code(shorten(report.after, 200))}`;
  if (report.resources.length === 0)
    return paragraphs(marker(stack), `### ${escaped(stack)}: no difference`, sides, quoted, liveText(live, detail));
  return paragraphs(
    marker(stack),
    `### ${escaped(stack)}: +${added} ~${changed} −${removed}`,
    `**${escaped(text)}**`,
    sides,
    quoted,
    ...sectionsOf(report).flatMap((section) => [
      sectionText(section, live?.changedBy ?? [], detail),
      ...(section.title === "Data at risk" ? [findingsText(report, detail)] : []),
    ]),
    // Where no resource is at risk, there may be policies that are broken.
    report.resources.some(({ effects }) => effects.some(({ impact }) => impact === "data-at-risk"))
      ? ""
      : findingsText(report, detail),
    liveText(live, detail),
    detail === WHOLE ? "" : "_Shortened to fit a comment: `noetl-ops diff --report FILE` writes all of it._",
  );
}

function paragraphs(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

function sectionText({ title, open, resources }: Section, changedBy: readonly ChangedBy[], detail: Detail): string {
  const heading = `${title} (${resources.length})`;
  if (detail.items === 0) return `**${heading}**`;
  const shown = resources.slice(0, detail.items);
  const left = resources.length - shown.length;
  const list = [
    ...shown.map((resource) => itemText(resource, changedBy, detail)),
    ...(left > 0 ? [`- … and ${left} more`] : []),
  ];
  const lines = fieldsText(shown, open ? detail.openLines : detail.foldedLines, detail.text);
  if (!open) return folded(heading, paragraphs(list.join("\n"), lines));
  const count = shown.reduce((sum, { fields }) => sum + fields.length, 0);
  return paragraphs(`#### ${heading}`, list.join("\n"), lines === "" ? "" : folded(counted(count, "field"), lines));
}

function itemText(resource: ResourceImpact, changedBy: readonly ChangedBy[], { text }: Detail): string {
  const { change, effects, rollout, edits } = resource;
  const isPlain = change === "added" && effects.length === 1;
  const reasons = isPlain
    ? []
    : reasonsOf(effects)
        .slice(0, text === Infinity ? undefined : 4)
        .map((reason) => escaped(shorten(reason, text)));
  const by = (edits ?? []).slice(0, text === Infinity ? undefined : 4).map((key) => code(shorten(key, text)));
  const owners = changedBy.filter((one) => one.resource === resource.urn).slice(0, text === Infinity ? undefined : 3);
  const set = owners.map((one) => `; set by ${code(shorten(ownerText(one), text))}`);
  const title = titleOf(resource);
  const space = title.indexOf(" ");
  return [
    `- **${escaped(shorten(title.slice(0, space), text))}** ${code(shorten(title.slice(space + 1), text))}`,
    by.length === 0 ? "" : ` by ${by.join(", ")}`,
    reasons.length + (rollout ? 1 : 0) === 0 ? "" : ": ",
    [...reasons, ...(rollout ? [`_${escaped(rolloutText(rollout))}_`] : [])].join("; "),
    ...set,
  ].join("");
}

/** What a cluster has beside the program. */
function liveText(live: LiveFacts | undefined, { items, text }: Detail): string {
  const sections = live ? liveSections(live) : [];
  return paragraphs(
    ...sections.map(([title, lines]) => {
      const shown = lines.slice(0, items).map((line) => `- ${escaped(shorten(line, text))}`);
      const left = lines.length - shown.length;
      return folded(`${title} (${lines.length})`, [...shown, ...(left > 0 ? [`- … and ${left} more`] : [])].join("\n"));
    }),
  );
}

/** What differs, as a block that GitHub colours. */
function fieldsText(resources: readonly ResourceImpact[], most: number, length: number): string {
  const lines = resources.flatMap((resource) =>
    resource.fields.length === 0
      ? []
      : [`# ${titleOf(resource)}`, ...resource.fields.flatMap((field) => fieldLines(field, length))],
  );
  if (lines.length === 0 || most === 0) return "";
  const left = lines.length - most;
  const shown = lines.slice(0, most === Infinity ? undefined : most).map((line) => shorten(line, length));
  return block(left > 0 ? [...shown, `# … and ${counted(left, "line")} more`] : shown, "diff");
}

function fieldLines({ path, before, after }: FieldChange, length: number): string[] {
  if (typeof before === "string" && typeof after === "string" && (before + after).includes("\n")) {
    const texts = hunks(differenceLines(before, after), 1).map((line) => (line ? `${line.sign} ${line.text}` : "  ⋮"));
    return [`  ${path}`, ...texts];
  }
  const side = (sign: string, value: FieldChange["before"]): string[] =>
    value === undefined ? [] : [`${sign} ${shorten(valueText(value), length)}`];
  return [`  ${path}`, ...side("-", before), ...side("+", after)];
}

function findingsText({ findings }: ImpactReport, { findings: most, text }: Detail): string {
  const shown = findings.slice(0, most);
  const left = findings.length - shown.length;
  const all = shown.map((finding) => findingText(finding, text));
  return paragraphs(...all, left > 0 ? `… and ${counted(left, "finding")} more` : "");
}

function findingText({ rule, resource, message, fix, steps = [], waived }: Finding, length: number): string {
  const title = `${code(rule)} ${escaped(shorten(resourceTitle(resource), length))}: ${escaped(shorten(message, length))}`;
  if (waived) {
    const reason = escaped(shorten(waived.reason, length));
    return `~ ${title} _waived until ${escaped(waived.until)}: ${reason}_`;
  }
  const way = steps.map((step, index) => `${index + 1}. ${escaped(shorten(step, length))}`);
  return paragraphs(
    `**!** ${title}`,
    fix === "" ? "" : `→ ${escaped(shorten(fix, length))}`,
    way.length === 0 ? "" : folded("the safe way", way.join("\n")),
  );
}

/** Cut by code points, so that no character is halved. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${Array.from(text.slice(0, length)).slice(0, -1).join("")}…`;
}
