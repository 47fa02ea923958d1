import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { manifestOf, type ResourceGraph } from "../../../preview/graph";
import { renderedFiles } from "../../../preview/manifests";
import { renderStack } from "../../../preview/render";
import { type KubernetesMinor, KUBERNETES_VERSIONS } from "../../../tools/catalog";
import { findCrds } from "../../../tools/crds";
import { ensureTool } from "../../../tools/find";
import { kubeconformSchemas } from "../../../tools/schemas";
import { allCases } from "./cases";
import { describeUnless, schemasImpossible } from "./requirements";

/*
 * What kubeconform says of the rendered files, by the schemas of three Kubernetes versions. Not proved here: what only
 * a server checks, such as names, ranges and fields that exclude each other.
 */

const MINORS = Object.keys(KUBERNETES_VERSIONS) as KubernetesMinor[];

describeUnless(schemasImpossible(), "kubeconform", () => {
  let folder: string;
  let kubeconform: string;
  let files: number;

  beforeAll(async () => {
    const tool = await ensureTool("kubeconform");
    if (!tool.found) throw new Error(`kubeconform: ${tool.reason}`);
    kubeconform = tool.path;
    folder = mkdtempSync(join(tmpdir(), "noetl-schemas-"));
    files = 0;
    const missing = (await findCrds()).missing.flatMap(({ groups }) => groups);
    for (const { name, settings } of allCases()) {
      const rendered = renderedFiles(known(await renderStack(settings), missing));
      for (const [path, text] of rendered) write(join(folder, "stacks", name, path), text);
      files += rendered.size;
    }
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function check(minor: KubernetesMinor, path: string): Promise<Report> {
    const location = await kubeconformSchemas(minor);
    if (typeof location !== "string") throw new Error(`${location.name}: ${location.reason}`);
    return report(kubeconform, ["-strict", "-summary", "-output=json", `-schema-location=${location}`, path]);
  }

  it.each(MINORS)("finds nothing wrong with the files of any stack, by Kubernetes %s", async (minor) => {
    const { resources, summary } = await check(minor, join(folder, "stacks"));

    expect(resources).toStrictEqual([]);
    expect(summary).toStrictEqual({ valid: files, invalid: 0, errors: 0, skipped: 0 });
  });

  it.each(MINORS)("finds fields that are unknown or of a wrong type, by Kubernetes %s", async (minor) => {
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "web" } };
    write(join(folder, "wrong/unknown.yaml"), JSON.stringify({ ...service, spec: { port: [] } }));
    write(join(folder, "wrong/type.yaml"), JSON.stringify({ ...service, spec: { ports: "8082" } }));

    const { resources } = await check(minor, join(folder, "wrong"));

    const messages = resources.map(({ msg }) => msg).sort();
    expect(messages).toStrictEqual([
      expect.stringContaining("additional properties 'port' not allowed"),
      expect.stringContaining("at '/spec/ports': got string, want array"),
    ]);
  });
});

interface Report {
  /** Files that are not valid. */
  resources: { filename: string; kind: string; name: string; msg: string }[];
  summary: { valid: number; invalid: number; errors: number; skipped: number };
}

/** Runs kubeconform, which exits with 1 when it finds something. */
function report(command: string, args: readonly string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error !== null && error.code !== 1) reject(new Error(`${error.message}: ${stderr}`));
      else resolve(JSON.parse(stdout) as Report);
    });
  });
}

/** Without what other providers make, and kinds that are defined nowhere here. */
function known(graph: ResourceGraph, missing: readonly string[]): ResourceGraph {
  const resources = graph.resources.filter((resource) => {
    const group = manifestOf(resource)?.apiVersion.split("/")[0];
    return group !== undefined && !missing.includes(group);
  });
  return { ...graph, resources };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
