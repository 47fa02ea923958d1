import { KNOWLEDGE, SOURCES, type Circumstance } from "./knowledge";

const WHEN: Readonly<Record<Circumstance, string>> = {
  grows: "when it becomes larger",
  shrinks: "when it becomes smaller",
  immutable: "when the object says `immutable: true`",
  "was-immutable": "when the object said `immutable: true`",
  "content-replaced": "when the provider lacks `enableConfigMapMutable` or `enableSecretMutable`",
  "on-delete": "with the strategy `OnDelete`",
  "over-defaults": "to `Recreate` or `OnDelete`, when `rollingUpdate` was not written down before",
};

const TOP = `# What is known of fields

Made from \`preview/impact/knowledge.ts\`; [impact.md](impact.md) explains it. Each row is tried out on a real API server.
`;

/** What is known of fields, as the Markdown of docs/impact-fields.md. */
export function knowledgePage(): string {
  const rows = KNOWLEDGE.map(({ id, kinds, fields, when, impact, reason, sources }) => {
    const places = fields.map((field) => `\`${field}\``).join(", ");
    const where = when === undefined ? places : `${places} ${WHEN[when]}`;
    const who = kinds.includes("*") ? "every kind" : kinds.join(", ");
    return `| \`${id}\` | ${who} | ${where} | ${impact} | ${reason} | ${sources.join(", ")} |`;
  });
  const sources = Object.entries(SOURCES).map(([id, text]) => `- ${id}: ${text}`);
  return [
    TOP,
    "| Row | Kinds | Fields | Impact | Why | From |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    ...sources,
  ].join("\n");
}
