import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { StackDiff } from "../../../preview/diff/diff";
import { diffJson } from "../../../preview/diff/format-json";
import { formatComment, formatReport } from "../../../preview/diff/format-markdown";
import { writeComments, writeReport } from "../../../preview/diff/output";
import { formatDiff } from "../../../preview/diff/format-text";
import type { ImpactReport, ResourceImpact } from "../../../preview/impact/report";
import { IMPACTS } from "../../../preview/impact/report";
import { plain } from "../../../preview/style";

const resource = (name: string, more: Partial<ResourceImpact> = {}): ResourceImpact => ({
  urn: `urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::${name}`,
  kind: "Deployment",
  namespace: "noetl",
  name,
  change: "changed",
  fields: [{ path: "spec.replicas", before: 1, after: 2 }],
  effects: [{ impact: "update", reason: "changed in place", fields: ["spec.replicas"] }],
  ...more,
});

const report = (resources: ResourceImpact[], more: Partial<ImpactReport> = {}): ImpactReport => ({
  stack: "kind",
  before: "main (1a2b3c4)",
  after: "the working tree",
  resources,
  same: 7,
  findings: [],
  ...more,
});

const diffOf = (shown: ImpactReport, notes: string[] = []): StackDiff => ({ stack: shown.stack, report: shown, notes });

/** One resource of each kind of effect that reports treat differently. */
const EXAMPLE = diffOf(
  report(
    [
      resource("nats", {
        kind: "StatefulSet",
        effects: [{ impact: "data-at-risk", reason: "the store is lowered", fields: [], rule: "nats-store-lowered" }],
        edits: ["noetl:nats.jetstream.memory"],
      }),
      resource("server", {
        fields: [{ path: "spec.template.spec.containers[app].image", before: "a:1", after: "a:2" }],
        effects: [{ impact: "rolling-restart", reason: "the pod template changes", fields: [] }],
        rollout: { pods: 3, unavailable: 1, surge: 0, longestSeconds: 600, quorumHolds: false, budgetHolds: false },
      }),
      resource("new", {
        change: "added",
        fields: [],
        effects: [{ impact: "create", reason: "a new object", fields: [] }],
      }),
    ],
    {
      findings: [
        {
          severity: "error",
          rule: "nats-store-lowered",
          resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats",
          message: "the store is lowered",
          fix: "keep it",
          steps: ["Look", "Leap"],
        },
      ],
    },
  ),
  ["read from its committed render"],
);

describe("text", () => {
  test("given a change, then the gravest stands first, with its reason, its fields and the edit", () => {
    expect(formatDiff([EXAMPLE], plain)).toBe(`kind  main (1a2b3c4) → the working tree
  +1 ~2 -0  1 data at risk, 1 rolling restart (3 pods); 7 the same
  note: read from its committed render

  Data at risk
  ~ StatefulSet noetl/nats  by noetl:nats.jetstream.memory
      the store is lowered
      spec.replicas  1 → 2

  Restarts
  ~ Deployment noetl/server
      the pod template changes
      at worst 10 min, THE QUORUM IS LOST MEANWHILE, more at a time than the disruption budget allows
      spec.template.spec.containers[app].image  a:1 → a:2

  Created
  + Deployment noetl/new

  1 error
  ✗ error  nats-store-lowered  StatefulSet nats
      the store is lowered
      → keep it
        1. Look
        2. Leap
`);
  });

  test("given no difference, and a stack that could not be compared, then it says so", () => {
    expect(formatDiff([diffOf(report([])), { stack: "gke", notes: [], problem: "boom\nnext: mend it" }], plain))
      .toBe(`kind  main (1a2b3c4) → the working tree
  no difference

gke
  boom
  next: mend it
`);
  });

  test("given control characters in a value, then no terminal obeys them", () => {
    const evil = report([resource("a", { fields: [{ path: "data.x", after: "\u001b[2J\u202egnp" }] })]);
    expect(formatDiff([diffOf(evil)], plain)).toContain("data.x  + �[2J�gnp");
  });
});

describe("text of a huge difference", () => {
  const fields = Array.from({ length: 9 }, (_, index) => ({ path: `data.k${index}`, before: 1, after: 2 }));
  const restarts = Array.from({ length: 100 }, (_, index) => {
    const effects = [{ impact: "rolling-restart" as const, reason: "the pod template changes", fields: [] }];
    return resource(`server-${index}`, { fields, effects });
  });
  const created = Array.from({ length: 2000 }, (_, index) => {
    const effects = [{ impact: "create" as const, reason: "a new object", fields: [] }];
    return resource(`new-${index}`, {
      kind: index % 4 === 0 ? "Service" : "ConfigMap",
      change: "added",
      fields: [],
      effects,
    });
  });
  const HUGE = diffOf(report([...restarts, ...created]));

  test("given one, then what runs is told first, the rest is counted, and the last line says how to see all", () => {
    const text = formatDiff([HUGE], plain);

    expect(text.split("\n").length).toBeLessThan(204);
    expect(text).toContain(`
  Restarts (100)
  ~ Deployment noetl/server-0
      the pod template changes
      data.k0  1 → 2
      data.k1  1 → 2
      … and 7 more fields
`);
    expect(text).toContain(`
  … and 80 more: 80 Deployment

  Created (2000)
  + Service noetl/new-0
  + ConfigMap noetl/new-1
  + ConfigMap noetl/new-2
  + ConfigMap noetl/new-3
  + Service noetl/new-4
  … and 1995 more: 1497 ConfigMap, 498 Service

  folded, 3106 lines in all: --full prints them, --report FILE keeps the whole report
`);
  });

  test("given that all of it is asked for, then it is printed", () => {
    const text = formatDiff([HUGE], plain, { full: true });

    expect(text).toContain("server-99\n");
    expect(text).toContain("new-1999\n");
    expect(text).not.toContain("…");
  });

  test("given a small stack beside it, then that one is whole", () => {
    expect(formatDiff([HUGE, EXAMPLE], plain)).toContain(formatDiff([EXAMPLE], plain));
  });

  test.each([
    [
      "findings",
      (): StackDiff => {
        const finding = EXAMPLE.report?.findings[0];
        return diffOf(report([resource("a")], { findings: finding ? Array.from({ length: 90 }, () => finding) : [] }));
      },
    ],
    [
      "one field of many lines each",
      (): StackDiff =>
        diffOf(
          report([
            resource("a", { fields: Array.from({ length: 900 }, (_, index) => ({ path: `k${index}`, after: 1 })) }),
          ]),
        ),
    ],
    [
      "unimportant fields",
      (): StackDiff => diffOf(report(Array.from({ length: 300 }, (_, index) => resource(`a${index}`, { fields })))),
    ],
  ])("given many %s, then they are folded", (_what, made) => {
    const text = formatDiff([made()], plain);

    expect(text.split("\n").length).toBeLessThan(204);
    expect(text).toMatch(/\n {2}folded, \d+ lines in all: /);
  });
});

describe("markdown", () => {
  test("given a change, then the blast radius is open, and the rest is folded", () => {
    expect(formatComment([EXAMPLE])).toBe(`<!-- noetl-ops diff kind -->

### kind: +1 ~2 −0

**1 data at risk, 1 rolling restart (3 pods); 7 the same**

\`main (1a2b3c4)\` → \`the working tree\`

> read from its committed render

#### Data at risk (1)

- **StatefulSet** \`noetl/nats\` by \`noetl:nats.jetstream.memory\`: the store is lowered

<details><summary>1 field</summary>

\`\`\`diff
# StatefulSet noetl/nats
  spec.replicas
- 1
+ 2
\`\`\`

</details>

**!** \`nats-store-lowered\` StatefulSet nats: the store is lowered

→ keep it

<details><summary>the safe way</summary>

1. Look
2. Leap

</details>

#### Restarts (1)

- **Deployment** \`noetl/server\`: the pod template changes; _at worst 10 min, THE QUORUM IS LOST MEANWHILE, more at a time than the disruption budget allows_

<details><summary>1 field</summary>

\`\`\`diff
# Deployment noetl/server
  spec.template.spec.containers[app].image
- a:1
+ a:2
\`\`\`

</details>

<details><summary>Created (1)</summary>

- **Deployment** \`noetl/new\`

</details>
`);
  });

  test("given Markdown and HTML in names, reasons and values, then they are read as text", () => {
    const evil = "`</details><img src=x> **@everyone** [x](y) #1";
    const text = formatComment([
      diffOf(
        report([
          resource("a`b", {
            fields: [{ path: "data.x", before: "```\n# hello", after: "ok" }],
            effects: [{ impact: "replace", reason: evil, fields: [] }],
          }),
        ]),
        [evil],
      ),
    ]);

    expect(text).toContain(
      "- **Deployment** `` noetl/a`b ``: \\`&lt;/details>&lt;img src=x> \\*\\*@\u200beveryone\\*\\* \\[x\\](y) #\u200b1",
    );
    expect(text).toContain("````diff\n# Deployment noetl/a`b\n  data.x\n- ```\n- # hello\n+ ok\n````");
  });

  const text = fc.string({ unit: "grapheme", maxLength: 400 });
  const anyResource = fc.record({
    name: text,
    reason: text,
    path: text,
    before: text,
    after: text,
    count: fc.integer({ min: 0, max: 60 }),
    impact: fc.constantFrom(...IMPACTS),
  });

  test("given any change, however large, then a comment stays below the limit, and no block is left open", () => {
    fc.assert(
      fc.property(fc.array(anyResource, { maxLength: 8 }), fc.integer({ min: 1, max: 200 }), (some, times) => {
        const resources = Array.from({ length: times }, () => some)
          .flat()
          .map(({ name, reason, path, before, after, count, impact }) =>
            resource(name, {
              effects: [{ impact, reason, fields: [] }],
              fields: Array.from({ length: count }, () => ({ path, before, after })),
              edits: [name, path],
            }),
          );
        const comment = formatComment([
          diffOf(
            report(resources),
            resources.map(({ name }) => name),
          ),
          EXAMPLE,
        ]);

        expect(comment.length).toBeLessThan(65_000);
        expect(comment.split("<details>").length).toBe(comment.split("</details>").length);
      }),
      { numRuns: 30 },
    );
  });

  test("given a change that is too large for a comment, then the report has all of it", () => {
    const resources = Array.from({ length: 3000 }, (_, index) => resource(`server-${index}`));
    const diff = diffOf(report(resources));

    expect(formatComment([diff])).toContain(
      "_Shortened to fit a comment: `noetl-ops diff --report FILE` writes all of it._",
    );
    expect(formatComment([diff])).toContain("+0 ~3000 −0");
    expect(formatReport([diff])).toContain("`noetl/server-2999`");
    expect(formatReport([diff])).not.toContain("Shortened");
  });

  test("given stacks that differ or fail, and one that does not, then only the former get a comment", () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-comments-"));
    try {
      writeFileSync(join(folder, "earlier.md"), "");
      writeComments(folder, [
        EXAMPLE,
        diffOf(report([], { stack: "gke" })),
        { stack: "broken", notes: [], problem: "boom" },
      ]);

      expect(readdirSync(folder)).toEqual(["broken.md", "kind.md"]);
      expect(readFileSync(join(folder, "kind.md"), "utf8")).toBe(formatComment([EXAMPLE]));
      expect(existsSync(join(folder, "earlier.md"))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test("given a place that cannot be written to, then it says so", () => {
  expect(() => {
    writeReport("/dev/null/report.md", [EXAMPLE]);
  }).toThrow("/dev/null/report.md cannot be written (EEXIST)\nnext: name a place that can be written to");
});

test("given data for machines, then it has the counts beside the report", () => {
  const { stacks } = diffJson([EXAMPLE, { stack: "gke", notes: ["n"], problem: "boom" }]);

  expect(stacks[0]).toEqual({
    ...EXAMPLE.report,
    changed: true,
    notes: EXAMPLE.notes,
    added: 1,
    updated: 2,
    removed: 0,
  });
  expect(stacks[1]).toEqual({ stack: "gke", changed: null, problem: "boom", notes: ["n"] });
});
