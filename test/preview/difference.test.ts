import { describe, expect, test } from "@jest/globals";
import { difference, isSame } from "../../preview/difference";
import { formatDifference } from "../../preview/format-difference";
import type { ResourceGraph } from "../../preview/graph";
import { renderedFiles } from "../../preview/manifests";
import { plain } from "../../preview/style";
import { component, configMap, graph, object, resource, workload, type Node } from "./support";

const files = (...nodes: Node[]): Map<string, string> => renderedFiles(graph(...nodes));
const between = (before: ResourceGraph, after: ResourceGraph) =>
  difference(renderedFiles(before), renderedFiles(after));
const shown = async (before: Node[], after: Node[], width = 100): Promise<string> =>
  formatDifference(await between(graph(...before), graph(...after)), plain, { width });

describe("a difference of renders", () => {
  test("given equal renders, when compared, then everything is the same", async () => {
    const same = await difference(
      files(workload(), configMap("a", { k: "v" })),
      files(workload(), configMap("a", { k: "v" })),
    );
    expect(same).toEqual({ added: [], removed: [], changed: [], same: 2 });
    expect(isSame(same)).toBe(true);
    expect(formatDifference(same, plain)).toBe("no difference\n");
  });

  test("given resources that came, went and changed, when shown, then counts come first and removals on top", async () => {
    const image = (tag: string): Node =>
      workload({ name: "server", container: { image: `ghcr.io/noetl/server:${tag}` }, spec: { replicas: 1 } });
    const gone = object({ apiVersion: "v1", kind: "Namespace", metadata: { name: "old" } });
    const came = resource("random:index/randomPassword:RandomPassword", "password", { length: 32 });
    expect(await shown([image("3.39.3"), gone], [image("3.40.0"), came])).toBe(`+1 ~1 -1
- Namespace old
~ Deployment noetl/server
    spec.template.spec.containers[app].image
      - ghcr.io/noetl/server:3.39.3
      + ghcr.io/noetl/server:3.40.0
+ random:index/randomPassword:RandomPassword password
`);
  });

  test("given fields that came, went and changed, when shown, then each has a line", async () => {
    const before = workload({ spec: { replicas: 1, paused: true } });
    const after = workload({ spec: { replicas: 2, minReadySeconds: 5 } });
    expect(await shown([before], [after])).toBe(`+0 ~1 -0
~ Deployment noetl/app
    spec.paused  - true
    spec.replicas  1 → 2
    spec.minReadySeconds  + 5
`);
  });

  test("given a text of many lines, when it changed, then only the lines around the change are shown", async () => {
    const conf = (size: string): Node =>
      configMap("nats-config", { "nats.conf": `port: 4222\na: 1\njetstream {\n  max: ${size}\n}\nb: 2\n` });
    expect(await shown([conf("5")], [conf("6")])).toBe(`+0 ~1 -0
~ ConfigMap nats/nats-config
    data["nats.conf"]
        jetstream {
      -   max: 5
      +   max: 6
        }
`);
  });

  test("given a text that changed in many lines, when shown, then it is cut and the rest counted", async () => {
    const text = (prefix: string): Node =>
      configMap("sql", { "a.sql": Array.from({ length: 40 }, (_, line) => `${prefix}${line}`).join("\n") });
    const lines = (await shown([text("a")], [text("b")])).trimEnd().split("\n");
    expect(lines).toHaveLength(16);
    expect(lines.at(-1)).toBe("      ⋮ 40 lines added, 40 removed in all");
  });

  test("given a value wider than the terminal, when shown, then it is shortened", async () => {
    const node = (value: string): Node => configMap("a", { key: value });
    const lines = (await shown([node("x".repeat(200))], [node("y".repeat(200))], 60)).split("\n");
    expect(lines.slice(2)).toEqual(["    data.key", `      - ${"x".repeat(51)}…`, `      + ${"y".repeat(51)}…`, ""]);
  });

  test("given a resource that moved to another component or lost its protection, when compared, then that is a change", async () => {
    const change = await between(
      graph(component("noetl:a:A", "a", object(NAMESPACE, { protect: true }))),
      graph(component("noetl:b:B", "b", object(NAMESPACE))),
    );
    expect(change.changed).toEqual([
      {
        path: "cluster/namespace-nats.yaml",
        kind: "Namespace",
        name: "nats",
        fields: [
          {
            path: "urn",
            before: "urn:pulumi:kind::noetl::noetl:a:A$kubernetes:core/v1:Namespace::nats",
            after: "urn:pulumi:kind::noetl::noetl:b:B$kubernetes:core/v1:Namespace::nats",
          },
          { path: "protect", before: "true" },
        ],
      },
    ]);
  });

  test("given a file that is only written otherwise, when compared, then it is the same", async () => {
    const { path, text } = onlyFile(object(NAMESPACE));
    const other = text.replace("kind: Namespace", 'kind: "Namespace" # quoted').replace(/\n/g, "\r\n");
    expect(await difference(new Map([[path, other]]), new Map([[path, text]]))).toMatchObject({ changed: [], same: 1 });
  });

  test("given a file with an unresolved merge, when compared, then it is a change and no failure", async () => {
    const { path, text } = onlyFile(object(NAMESPACE));
    const broken = `${text}<<<<<<< HEAD\n  - : [\n`;
    const { changed } = await difference(new Map([[path, broken]]), new Map([[path, text]]));
    expect(changed).toMatchObject([
      { fields: [{ path: "(the whole file)", before: expect.stringMatching(/^unreadable: /) }] },
    ]);
  });
});

function onlyFile(node: Node): { path: string; text: string } {
  const [file] = files(node);
  if (!file) throw new Error("nothing was rendered");
  return { path: file[0], text: file[1] };
}

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } };
