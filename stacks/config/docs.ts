import { PROJECT } from "../schema";
import { RULES } from "../schema/rules";
import { EXAMPLES } from "./examples";
import { code, fence, table } from "./markdown";
import { readableType } from "./readable-type";
import { discriminatorOf, platformNode, type SchemaNode } from "./schema-node";

/** The reference of all settings, as Markdown: docs/configuration.md. */
export function configurationDocs(): string {
  const { properties = {}, required = [] } = platformNode();
  const names = Object.keys(properties) as (keyof typeof EXAMPLES)[];
  return (
    [
      ...INTRODUCTION,
      "The shortest stack file that makes a platform:",
      yaml(
        `config:${required
          .map((name) => indent(EXAMPLES[name as keyof typeof EXAMPLES]))
          .join("")
          .trimEnd()}`,
      ),
      table(
        ["Key", "What it sets"],
        names.map((name) => [
          `[${PROJECT}:${name}](#${PROJECT}${name.toLowerCase()})`,
          properties[name]?.description ?? "",
        ]),
      ),
      ...names.flatMap((name) => section(name, properties[name] ?? {}, required.includes(name))),
      "## Types",
      "Settings that are more than text, a number or a choice:",
      table(["Type", "What may be written"], typeRows(platformNode())),
      "## Between settings",
      "What no single setting can tell; every rule is checked before anything is deployed:",
      [...new Set(RULES.map(({ title }) => `- ${title}`))].join("\n"),
    ].join("\n\n") + "\n"
  );
}

const INTRODUCTION = [
  "<!-- Generated from stacks/schema by: noetl-ops config docs --write -->",
  "# Configuration",
  `An environment is one file, \`Pulumi.<stack>.yaml\`, beside \`Pulumi.yaml\`. Its settings stand below \`config:\`, each under a
key of this project. Everything has a default unless the tables say **required**. What is misspelt, out of range or
contradictory is refused before anything is deployed: \`noetl-ops config validate\`.`,
  `Editors complete and check stack files by \`stacks/config.schema.json\`; the first line of a stack file names it:`,
  yaml("# yaml-language-server: $schema=stacks/config.schema.json"),
];

const SECRETS = `A secret never stands in a stack file as text. This asks for its value and writes it encrypted, as \`secure: …\`; offline,
a placeholder takes its place:

${fence("sh", "pulumi config set --secret --path 'noetl:secrets.natsPassword'")}`;

function section(name: keyof typeof EXAMPLES, node: SchemaNode, isRequired: boolean): string[] {
  const key = `${PROJECT}:${name}`;
  const note = name === "secrets" ? [SECRETS] : [];
  return [
    `## ${key}`,
    `${node.description ?? ""}${isRequired ? " Required." : ""}`,
    ...note,
    ...settings(key, node),
    yaml(`config:${indent(EXAMPLES[name])}`.trimEnd()),
  ];
}

function settings(key: string, node: SchemaNode): string[] {
  const discriminator = discriminatorOf(node);
  if (discriminator !== undefined) return choice(key, discriminator, node.oneOf ?? []);
  return [settingsTable(leaves(key, node))];
}

/** What all branches share first, then each branch's own settings. */
function choice(key: string, discriminator: string, branches: SchemaNode[]): string[] {
  const rows = branches.map((branch) => leaves(key, branch));
  const isShared = sharedBy(rows);
  return [
    settingsTable((rows[0] ?? []).filter(isShared)),
    ...branches.flatMap((branch, index) => [
      `### With ${discriminator}: ${branch.properties?.[discriminator]?.const ?? ""}`,
      branch.description ?? "",
      settingsTable((rows[index] ?? []).filter((row) => !isShared(row))),
    ]),
  ];
}

/** Tells whether a row stands in the table of every branch. */
function sharedBy(rows: Row[][]): (row: Row) => boolean {
  return (row) => rows.every((other) => other.some((candidate) => candidate.join() === row.join()));
}

/** A choice within a table: what all branches share once, and with the rest the choice it belongs to. */
function choiceLeaves(path: string, discriminator: string, { oneOf = [] }: SchemaNode): Row[] {
  const rows = oneOf.map((branch) => leaves(path, branch));
  const isShared = sharedBy(rows);
  return rows.flatMap((branch, index) => {
    const chosen = `With \`${discriminator}: ${oneOf[index]?.properties?.[discriminator]?.const ?? ""}\`: `;
    return branch.flatMap((row): Row[] => {
      const [name, type, fallback, meaning] = row;
      if (name === code(`${path}.${discriminator}`)) return [row];
      if (isShared(row)) return index === 0 ? [row] : [];
      return [[name, type, fallback, `${chosen}${meaning}`]];
    });
  });
}

type Row = [path: string, type: string, fallback: string, meaning: string];

function settingsTable(rows: Row[]): string {
  return table(["Setting", "Type", "Default", "Meaning"], rows);
}

/** A row for each leaf, and for each group that exists only when it is written. */
function leaves(path: string, node: SchemaNode, isRequired = true): Row[] {
  if (node.items?.properties) return leaves(`${path}[]`, node.items);
  const discriminator = discriminatorOf(node);
  if (discriminator !== undefined) {
    return [[code(path), "group", "none", node.description ?? ""], ...choiceLeaves(path, discriminator, node)];
  }
  if (!node.properties)
    return [[code(path), readableType(node), defaultText(node, isRequired), node.description ?? ""]];
  const isOptional = !isRequired && node.default === undefined;
  const own: Row[] = isOptional ? [[code(path), "group", "none", node.description ?? ""]] : [];
  const children = Object.entries(node.properties);
  return [
    ...own,
    ...children.flatMap(([name, child]) => leaves(`${path}.${name}`, child, node.required?.includes(name) ?? false)),
  ];
}

function defaultText({ default: fallback }: SchemaNode, isRequired: boolean): string {
  if (fallback === undefined) return isRequired ? "**required**" : "none";
  return code(
    typeof fallback === "string" ? fallback : JSON.stringify(fallback).replaceAll(/"/g, "").replaceAll(",", ", "),
  );
}

/** Every kind of leaf with what it accepts, where that does not depend on the setting. */
function typeRows(node: SchemaNode): string[][] {
  const general = kindsOf(node).filter((leaf) => readableType(leaf) === leaf.kind);
  return [...new Map(general.map(({ kind = "", allowed = "" }) => [kind, allowed]))];
}

function kindsOf(node: SchemaNode): SchemaNode[] {
  const below = [...Object.values(node.properties ?? {}), ...(node.items ? [node.items] : []), ...(node.oneOf ?? [])];
  return [...(node.kind === undefined ? [] : [node]), ...below.flatMap(kindsOf)];
}

function yaml(text: string): string {
  return fence("yaml", text);
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
