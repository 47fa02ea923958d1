/** Writes schema.json, what the components are to programs of other languages: `npm run schema`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";
import manifest from "../package.json";

/** The package's name in programs and in the types of its resources. */
const NAME = "noetl";
const ENTRY = { main: "../languages/index.ts" };

/** schema.json as the classes say it now: their arguments, fields and comments. */
export function schemaText(): string {
  const { version, description, license, keywords } = manifest;
  const analyzer = new Analyzer(__dirname, NAME, ENTRY, new Set(classNames()));
  const { components: classes, typeDefinitions, dependencies } = analyzer.analyze();
  const schema = generateSchema(NAME, version, description, classes, typeDefinitions, dependencies);
  return `${JSON.stringify({ ...schema, displayName: "NoETL", license, keywords }, null, 2)}\n`;
}

/** Loading the classes, too, would take seconds. */
function classNames(): string[] {
  const entry = readFileSync(join(__dirname, ENTRY.main), "utf8");
  return [...entry.matchAll(/^export \{ (\w+) \}/gm)].flatMap(([, name]) => name ?? []);
}

if (require.main === module) writeFileSync(join(__dirname, "..", "schema.json"), schemaText());
