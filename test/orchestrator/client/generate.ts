import { writeFileSync } from "node:fs";
import { join } from "node:path";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import { format, resolveConfig } from "prettier";
import type { ApiContext } from "../../../orchestrator/api/context";
import { openApi } from "../../../orchestrator/api/openapi";
import { routesOf } from "../../../orchestrator/api/server";

const GENERATED = join(__dirname, "..", "..", "..", "orchestrator", "api-types.ts");

/** The types of the API's document, as `npm run client` writes them. */
async function generated(): Promise<string> {
  // Nothing is asked: a document needs the routes' schemas only.
  const document = openApi(routesOf({} as ApiContext));
  const types = astToString(await openapiTS(document as unknown as OpenAPI3));
  const head = "/* eslint-disable -- made of the OpenAPI document by `npm run client`: do not edit */\n\n";
  return format(head + types, { ...(await resolveConfig(GENERATED)), filepath: GENERATED });
}

void generated().then((text) => {
  if (process.argv.includes("--print")) process.stdout.write(text);
  else writeFileSync(GENERATED, text);
});
