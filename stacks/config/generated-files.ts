import { configurationDocs } from "./docs";
import { stackFileJsonSchema } from "./json-schema";

/** A file that is made from the schema and committed, so that editors and readers need not run anything. */
export interface GeneratedFile {
  /** Path from the project's folder. */
  path: string;
  /** Arguments of `noetl-ops` that write it. */
  command: string;
  content(): string;
}

export const SCHEMA_FILE: GeneratedFile = {
  path: "stacks/config.schema.json",
  command: "config schema --write",
  content: () => `${JSON.stringify(stackFileJsonSchema(), null, 2)}\n`,
};

export const DOCS_FILE: GeneratedFile = {
  path: "docs/configuration.md",
  command: "config docs --write",
  content: configurationDocs,
};
