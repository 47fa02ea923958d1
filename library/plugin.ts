/** What Pulumi starts for programs of other languages, with the engine's address as argument. It runs compiled, in dist/library. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "@pulumi/pulumi/provider";
import { ComponentPackage } from "./component-package";

const schema = readFileSync(join(__dirname, "..", "..", "schema.json"), "utf8");
void main(new ComponentPackage(schema), process.argv.slice(2));
