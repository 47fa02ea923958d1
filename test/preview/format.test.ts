import { describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { toJson, toYaml } from "../../preview/format-data";
import { formatFindings } from "../../preview/format-findings";
import { formatView } from "../../preview/format-view";
import { renderedFiles } from "../../preview/manifests";
import { plain } from "../../preview/style";
import { viewOf, type View } from "../../preview/view";
import { amounts, component, config, configMap, env, graph, OPEN, resource, workload } from "./support";

const GRAPH = graph(
  component(
    "noetl:noetl:NoetlServer",
    "server",
    workload({
      name: "server",
      spec: { replicas: 2 },
      container: {
        image: "ghcr.io/noetl/server:3.39.3",
        resources: amounts("250m 256Mi", "1 512Mi"),
        env: env({ NOETL_SERVER_MACHINE_ID: "1", POSTGRES_MAX_CONNECTIONS: "10" }),
      },
    }),
    resource("random:index/randomPassword:RandomPassword", "password", { length: 32 }),
  ),
);
const TODAY = "2026-11-21";
const PLATFORM = { graph: GRAPH, config: config(OPEN) };
const rendered = { name: "rendered/kind", files: renderedFiles(graph(configMap("old", {}))) };

/** The preview with what it finds about machine ids: so small a stack breaks more rules than a test can show. */
async function small(): Promise<View> {
  const view = await viewOf(PLATFORM, TODAY, rendered);
  return { ...view, findings: view.findings.filter(({ rule }) => rule === "machine-ids") };
}

describe("a preview for people", () => {
  test("given a stack with findings and differences, when shown, then tree, totals, checks and differences follow each other", async () => {
    expect(formatView(await small(), plain)).toBe(`noetl kind  profile kind, rendered offline

server       NoetlServer     in noetl
├─ server    Deployment      ×2  noetl/server:3.39.3  cpu 250m→1  memory 256Mi→512Mi
└─ password  RandomPassword  32 characters

Totals
  2 objects in 1 component, 2 pods with 2 containers
  CPU          500m requested        2 limited
  memory      512Mi requested      1Gi limited
  storage         0
  images   noetl/server:3.39.3

Checks
  1 error
  ✗ error  machine-ids  Deployment server
      2 pods share machine id 1
      → give a single server a free noetl:server.machineId (0 to 1023), and let more
        noetl:server.replicas be a StatefulSet

Compared with rendered/kind
  +2 ~0 -1
  - ConfigMap nats/old
  + Deployment noetl/server
  + random:index/randomPassword:RandomPassword password
`);
  });

  test("given a stack that equals its render, when shown, then one line says so", async () => {
    const view = await viewOf(PLATFORM, TODAY, { name: "rendered/kind", files: renderedFiles(GRAPH) });
    expect(formatView(view, plain).split("\n").slice(-2)).toEqual(["✓ same as rendered/kind", ""]);
  });

  test("given no committed render, when shown, then one line says so", async () => {
    const view = await viewOf(PLATFORM, TODAY, { name: "rendered/mine", files: undefined });
    expect(formatView(view, plain).split("\n").at(-2)).toBe("nothing to compare with: there is no rendered/mine");
  });

  test("given no wish to compare, when shown, then nothing is said of it", async () => {
    expect(formatView(await viewOf(PLATFORM, TODAY), plain)).not.toMatch(/rendered\//);
  });

  test("given any width, when shown, then no line is longer, but for names and words", async () => {
    for (const width of [60, 80, 100, 160]) {
      const lines = formatView(await viewOf(PLATFORM, TODAY, rendered), plain, { width }).split("\n");
      expect(lines.filter((line) => line.length > width)).toEqual([]);
    }
  });

  test("given no findings, when shown, then it says so", () => {
    expect(formatFindings([], plain)).toBe("✓ no errors, no warnings\n");
  });

  test("given findings of every severity, when shown, then they are counted and marked", () => {
    const finding = { rule: "some-rule", resource: "noetl:cluster.nodes", message: "m", fix: "f" };
    const text = formatFindings(
      [
        { severity: "error", ...finding },
        { severity: "error", ...finding },
        { severity: "warning", ...finding },
        { severity: "info", ...finding },
        { severity: "error", ...finding, waived: { reason: "it is being replaced", until: "2026-12-31" } },
      ],
      plain,
    );
    expect(text.split("\n").filter((line) => !line.startsWith(" "))).toEqual([
      "2 errors, 1 warning, 1 waived",
      "✗ error  some-rule  noetl:cluster.nodes",
      "✗ error  some-rule  noetl:cluster.nodes",
      "! warning  some-rule  noetl:cluster.nodes",
      "· info  some-rule  noetl:cluster.nodes",
      "~ waived error  some-rule  noetl:cluster.nodes",
      "",
    ]);
    expect(text).toMatch(/ {4}m\n {4}→ until 2026-12-31: it is being replaced\n$/);
  });

  test("given findings that one waiver accepts, when shown, then they are one, which says where they are", () => {
    const finding = { severity: "warning", rule: "some-rule", message: "m", fix: "f" } as const;
    const waived = { reason: "it is being replaced", until: "2026-12-31" };
    const text = formatFindings(
      [
        { ...finding, resource: "noetl:nats", waived },
        { ...finding, resource: "noetl:server", waived },
        { ...finding, resource: "noetl:nats", waived },
        { ...finding, resource: "noetl:keda", waived: { ...waived, until: "2027-01-31" } },
      ],
      plain,
    );
    expect(text).toBe(`✓ no errors, no warnings, 4 waived
~ waived 3 warnings  some-rule
    noetl:nats, noetl:server
    → until 2026-12-31: it is being replaced
~ waived warning  some-rule  noetl:keda
    m
    → until 2027-01-31: it is being replaced
`);
  });

  test("given steps, when shown, then they are numbered and their lines are aligned", () => {
    const text = formatFindings(
      [
        {
          severity: "error",
          rule: "some-rule",
          resource: "noetl:nats",
          message: "m",
          fix: "keep it; or:",
          steps: ["one two three four", "last"],
        },
      ],
      plain,
      { width: 25 },
    );
    expect(text).toBe(`1 error
✗ error  some-rule  noetl:nats
    m
    → keep it; or:
      1. one two three
         four
      2. last
`);
  });
});

describe("a preview as data", () => {
  test("given a stack, when turned into JSON, then it has resources, findings, totals and the difference", async () => {
    const json = toJson(await small());
    expect(Object.keys(json)).toEqual(["stack", "profile", "resources", "findings", "totals", "difference"]);
    expect(json.stack).toBe("kind");
    expect(json.resources.map(({ type, parent, manifest }) => [type, parent, manifest === null])).toEqual([
      ["pulumi:pulumi:Stack", null, true],
      ["noetl:noetl:NoetlServer", "urn:pulumi:kind::noetl::pulumi:pulumi:Stack::noetl-kind", true],
      ["kubernetes:apps/v1:Deployment", "urn:pulumi:kind::noetl::noetl:noetl:NoetlServer::server", false],
      ["random:index/randomPassword:RandomPassword", "urn:pulumi:kind::noetl::noetl:noetl:NoetlServer::server", false],
    ]);
    expect(json.findings).toHaveLength(1);
    expect(json.totals.pods).toBe(2);
    expect(json.difference).toEqual({
      with: "rendered/kind",
      added: ["noetl/deployment-server.yaml", "random/randompassword-password.yaml"],
      removed: ["nats/configmap-old.yaml"],
      changed: [],
    });
  });

  test("given nothing compared, when turned into JSON, then the difference is null", async () => {
    expect(toJson(await viewOf(PLATFORM, TODAY)).difference).toBeNull();
  });

  test("given resources of two clouds, when turned into YAML, then the stream holds the Kubernetes objects alone", () => {
    const documents = parseAllDocuments(toYaml(graph(configMap("a", {}))));
    expect(documents.map((document) => document.toJS() as unknown)).toEqual([
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "nats" }, data: {} },
    ]);
    expect(toYaml(GRAPH)).toMatch(/^---\napiVersion: apps\/v1\n/);
    expect(parseAllDocuments(toYaml(GRAPH))).toHaveLength(1);
  });
});
