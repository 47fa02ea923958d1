import { describe, expect, test } from "@jest/globals";
import { affectedPicture, graphPicture } from "../../../preview/map/picture";
import { component, configMap, graph, object, workload } from "../support";
import { impactOn, large, named, platform, report } from "./support";

const texts = (svg: string | undefined): string[] =>
  [...(svg ?? "").matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, content]) => content ?? "");
const count = (svg: string, pattern: RegExp): number => [...svg.matchAll(pattern)].length;

describe("the picture of a platform", () => {
  test("given components, draws their cards, an arrow to what is needed, and a legend", () => {
    const svg = graphPicture(platform());
    expect(texts(svg)).toEqual([
      "noetl kind",
      "3 resources in 2 components; arrows go to what is needed",
      "server",
      "NoetlServer · noetl",
      "api",
      "Deployment",
      "settings",
      "ConfigMap",
      "bus",
      "NatsCluster · nats",
      "nats",
      "Service",
      "workload",
      "network",
      "configuration",
    ]);
    expect(count(svg, /<path [^>]*class="way"/g)).toBe(1);
    expect(graphPicture(platform())).toBe(svg);
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|url\(|href|@import|<script|<image/);
  });

  test("given what nearly all need, says how many instead of drawing their arrows", () => {
    const users = Array.from({ length: 5 }, (_, index) =>
      component("noetl:a:A", `a${index}`, workload({ name: `w${index}`, podSpec: { serviceAccountName: "shared" } })),
    );
    const account = object({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "shared", namespace: "noetl" },
    });
    const svg = graphPicture(graph(...users, component("noetl:b:B", "b", account)));
    expect(texts(svg)).toContain("B · noetl · needed by 5 of 5");
    expect(svg).not.toContain('class="way"');
  });

  test("given more than 300 resources, names components only, one card a kind", () => {
    const svg = graphPicture(large(40));
    expect(texts(svg).filter((content) => /×|more/.test(content))).toEqual(["× 1", "WorkerPool × 40", "… and 16 more"]);
    expect(texts(svg)).not.toContain("noetl-worker-0-0");
  });

  test("given a change, shows signs, labels and what goes; the affected part leaves out the rest", () => {
    const shown = platform();
    const gone = {
      ...impactOn(named(shown, "settings"), { impact: "delete" }, { change: "removed" }),
      urn: "urn:pulumi:kind::noetl::noetl:noetl:NoetlServer$kubernetes:core/v1:Secret::old",
      kind: "Secret",
      name: "old",
    };
    const lost = { ...gone, urn: "urn:pulumi:kind::noetl::noetl:x:X$kubernetes:core/v1:Secret::lost", name: "lost" };
    const rollout = { pods: 2, unavailable: 1, surge: 0, longestSeconds: 200, quorumHolds: true };
    const change = report(impactOn(named(shown, "api"), { impact: "rolling-restart" }, { rollout }), gone, lost);
    expect(texts(graphPicture(shown, change))).toEqual(
      expect.arrayContaining(["main → the working tree: 3 resources affected, 1 the same", "↻", "−", "old", "removed"]),
    );
    expect(texts(affectedPicture(shown, change))).toEqual([
      "noetl kind",
      "main → the working tree: 3 resources affected, 1 the same",
      "server",
      "NoetlServer · noetl",
      "−",
      "↻",
      "api",
      "Deployment",
      "rolling restart",
      "2 pods, 1 away at a time, 4 min at most",
      "quorum holds",
      "−",
      "old",
      "Secret",
      "deleted",
      "removed",
      "Removed",
      "−",
      "−",
      "lost",
      "Secret · noetl",
      "deleted",
      "−",
      "deleted",
      "↻",
      "rolling restart",
    ]);
    expect(affectedPicture(shown, report())).toBeUndefined();
  });

  test("given names made to break a document, escapes them; given long ones, keeps them in their card", () => {
    const name = `</text><script>alert(1)</script>${"x".repeat(200)}`;
    const svg = graphPicture(graph(configMap(name, {}), component("noetl:a:A", name)));
    expect(svg).not.toContain("<script");
    expect(Math.max(...texts(svg).map((content) => content.length))).toBeLessThan(100);
    const [, width] = /width="(\d+)"/.exec(svg) ?? [];
    expect(Number(width)).toBeLessThan(900);
  });
});
