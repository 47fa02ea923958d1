import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ran } from "./ran";
import { ROOT } from "./support";

describe("noetl-ops graph", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-graph-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("given a file to write, writes what it would print", async () => {
    const out = join(folder, "kind.svg");
    expect(await ran(["graph", "--format", "svg", "--out", out])).toEqual({
      status: 0,
      stdout: `wrote ${out}\n`,
      stderr: "",
    });
    expect(readFileSync(out, "utf8")).toMatch(
      /^<svg [^]*<title id="noetl-graph-title">The platform noetl kind<\/title>/,
    );
  });

  test("given a file that cannot be written, says so without a stack trace", async () => {
    const out = join(folder, "none", "kind.svg");
    const { status, stdout, stderr } = await ran(["graph", "--out", out]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^error: cannot write .*ENOENT.*; name a file in a folder that exists\n$/);
  });

  test("given a former render and a page to write, shows what the change does, and names what it cannot read", async () => {
    const former = join(folder, "former");
    cpSync(join(ROOT, "rendered", "kind"), former, { recursive: true });
    rmSync(join(former, "noetl", "service-noetl-gateway-ext.yaml"));
    const header = "# urn:pulumi:kind::noetl::kubernetes:core/v1:ConfigMap::broken\n";
    writeFileSync(join(former, "noetl", "configmap-broken.yaml"), `${header}a: [\n`);
    const out = join(folder, "change.html");
    const { status, stdout, stderr } = await ran(["graph", "--before", former, "--out", out]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `wrote ${out}\n` });
    expect(stderr).toMatch(/^left out: .*former\/noetl\/configmap-broken\.yaml: .*\n$/);
    const page = readFileSync(out, "utf8");
    expect(page).toContain("<title>What a change of noetl kind does</title>");
    expect(page).toContain("Pulumi.kind.yaml: 1 resource affected, 69 the same</p>");
    const { stdout: json } = await ran(["graph", "--before", former, "--json"]);
    const { resources } = JSON.parse(json) as { resources: { name: string; impact: string | null }[] };
    expect(resources.filter(({ impact }) => impact !== null).map(({ name, impact }) => [name, impact])).toEqual([
      ["noetl-gateway-ext", "create"],
    ]);
  });

  test("given a folder without a render, says how to make one", async () => {
    const { status, stderr } = await ran(["graph", "--before", join(folder, "nowhere")]);
    expect(status).toBe(1);
    expect(stderr).toContain("nowhere holds no render; write one there with: noetl-ops preview --stack-file ");
  });

  test("given a format that there is none of, refuses it as wrong usage", async () => {
    const { status, stderr } = await ran(["graph", "--format", "png"]);
    expect(status).toBe(2);
    expect(stderr).toContain("argument 'png' is invalid. Allowed choices are ");
  });
});
