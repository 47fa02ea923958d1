import { describe, expect, test } from "@jest/globals";
import type { ConfigProblem } from "../../../stacks/config/problem";
import { ALLOWED, configOf, FILE, pool, problem, problemsOf, stackText } from "./support";

const REST = "noetl:cluster: { context: x }\n  noetl:postgres: { mode: inCluster }\n";

describe("text that is no YAML", () => {
  const told = (at: string, message: string, allowed: string): ConfigProblem[] => [
    problem(at, FILE, message, { allowed }),
  ];
  test.each<[string, string, ConfigProblem[]]>([
    ["a tab as indentation", "config:\n\tnoetl:profile: kind\n", told("2:1", "a tab indents the line", "spaces")],
    [
      "a tab after blanks",
      "config:\n  a:\n  \tb: kind\n  c: d\n e: [\n",
      told("3:3", "a tab indents the line", "spaces"),
    ],
    [
      "an open quote",
      `config:\n  noetl:profile: "kind\n  ${REST}`,
      told("2:18", "the quote that opens here is not closed", "a closing quote of the same kind"),
    ],
    [
      "an open bracket",
      `config:\n  noetl:nats: { storage: 5Gi\n  ${REST}`,
      told(
        "2:15",
        "the bracket that opens here is not closed",
        "a closing bracket, on a line indented like its neighbours or deeper",
      ),
    ],
    [
      "uneven indentation",
      "config:\n  noetl:nats:\n      storage: 5Gi\n    image: x\n",
      told("4:1", "the indentation does not fit the lines above", "spaces, as many as the neighbours have"),
    ],
    [
      "two keys on a line",
      "config: noetl:profile: kind\n",
      told("1:9", "a line holds two keys", "one `key: value` a line; text with a colon in quotes"),
    ],
    [
      "a colon without a blank",
      "config:\n  noetl:profile:kind\n  a: b\n",
      told("2:3", "a key without a colon and a blank after it", "`key: value` on one line"),
    ],
    [
      "a reserved character",
      "config:\n  noetl:profile: @kind\n",
      told("2:18", "text begins with a character that YAML reserves", "such text in quotes"),
    ],
    [
      "an unknown escape",
      'config:\n  noetl:profile: "\\kind"\n',
      told("2:19", "an unknown escape in double quotes", "escapes such as \\n or \\\\, or single quotes"),
    ],
    [
      "a tag of its own",
      "config:\n  noetl:profile: !kind x\n",
      told("2:18", "a tag that is not understood", "values without tags; text that begins with ! in quotes"),
    ],
    [
      "two documents",
      "config:\n  noetl:profile: kind\n---\nconfig: {}\n",
      told("3:1", "a second document begins", "one document a file, without `---` in the middle"),
    ],
    [
      "another YAML version",
      "%YAML 3.0\n---\nconfig: {}\n",
      told("1:7", "a directive that is not understood", "no line that begins with %"),
    ],
    [
      "text beside the keys",
      "- a\nconfig: {}\n",
      told("2:1", "text that belongs to no key", "`key: value` lines, indented like their neighbours"),
    ],
    [
      "a control character",
      "config:\n  noetl:profile: ki\u0001nd\n",
      told("2:20", "there is a control character, U+0001", "printable text"),
    ],
  ])("given %s, when read, then the place is named", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  test("given several syntax errors, when read, then each line has its message", () => {
    const found = problemsOf('a: @x\nb: "\\k"\nc: `y\nd:\n\te: f\n');
    expect(found.map(({ line, message }) => [line, message])).toEqual([
      [1, "text begins with a character that YAML reserves"],
      [2, "an unknown escape in double quotes"],
      [3, "text begins with a character that YAML reserves"],
      [5, "a tab indents the line"],
    ]);
  });
});

describe("YAML that is no stack file", () => {
  const least = "config: with at least noetl:profile, noetl:cluster and noetl:postgres";
  const required = (at: string) => [
    problem(at, "noetl:profile", "is missing", { allowed: "kind, gke" }),
    problem(at, "noetl:cluster", "is missing", { allowed: "a group of settings: context, nodes" }),
    problem(at, "noetl:postgres", "is missing", {
      allowed: "a group of settings with mode: inCluster or external or cloudSql",
    }),
  ];
  test.each<[string, string, ConfigProblem[]]>([
    ["an empty file", "", [{ path: FILE, message: "the file is empty", allowed: least }]],
    ["only comments", "# to do\n\n# soon\n", [{ path: FILE, message: "the file is empty", allowed: least }]],
    ["a list", "- a\n- b\n", [problem("1:1", FILE, "the file holds no keys", { allowed: least })]],
    ["one word", "config\n", [problem("1:1", FILE, "the file holds no keys", { allowed: least })]],
    ["no config", "encryptionsalt: v1:abc\n", required("1:1")],
    ["an empty config", "encryptionsalt: v1:abc\nconfig:\n", required("2:1")],
    ["a config of no keys", "config: 5\n", [problem("1:9", "config", "is not a group of keys", { allowed: least })]],
    [
      "the project file",
      "name: noetl\nruntime: nodejs\nconfig: {}\n",
      [{ path: FILE, message: "this is the project file, not a stack file", allowed: "a file Pulumi.<stack>.yaml" }],
    ],
    [
      "an unknown key at the top",
      `${stackText("")}foo: 1\n`,
      [problem("6:1", "foo", "unknown key at the top of a stack file", { allowed: ALLOWED.topLevel })],
    ],
    [
      "a misspelt key at the top",
      `${stackText("")}encryptionSalt: x\n`,
      [
        problem("6:1", "encryptionSalt", "unknown key at the top of a stack file", {
          allowed: ALLOWED.topLevel,
          suggestion: "encryptionsalt",
        }),
      ],
    ],
    [
      "a setting that is not indented",
      `${stackText("")}noetl:nats: {}\n`,
      [
        problem("6:1", "noetl:nats", "stands outside config", {
          allowed: ALLOWED.topLevel,
          next: "indent it below `config:`",
        }),
      ],
    ],
    [
      "a key given twice",
      stackText("noetl:profile: gke"),
      [problem("5:3", "noetl:profile", "is given twice, first on line 2", { allowed: "each key once" })],
    ],
    [
      "a setting given twice",
      stackText("noetl:nats:\n  storage: 5Gi\n  storage: 6Gi"),
      [problem("7:5", "noetl:nats.storage", "is given twice, first on line 6", { allowed: "each key once" })],
    ],
    [
      "a key that is a list",
      stackText("noetl:nats:\n  ? [a]\n  : b"),
      [problem("6:7", "noetl:nats", "a key is not plain text", { allowed: "keys of letters" })],
    ],
    [
      "a tag for bytes",
      stackText("noetl:nats: { storage: !!binary NUdp }"),
      [problem("5:35", "noetl:nats.storage", "a tag that Pulumi cannot read", { allowed: "values without tags" })],
    ],
    [
      "an enormous text",
      stackText(`noetl:server: { rustLog: ${"a".repeat(5000)} }`),
      [problem("5:28", "noetl:server.rustLog", "5000 characters are too many", { allowed: "at most 4096 characters" })],
    ],
  ])("given %s, when read, then the message says what is expected", (_, text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });
});

describe("anchors, aliases and merges", () => {
  test("given a pool that merges another, when read, then it has its settings besides its own", () => {
    const text = stackText(
      "noetl:workerPools:\n  - &shared\n    name: a\n    poolName: a\n    consumer: a\n    filterSubject: noetl.commands.a\n    maxConcurrent: 7\n  - { name: b, <<: *shared, consumer: b, replicas: 3 }",
    );
    const [first, second] = configOf(text).workerPools;
    expect(second).toEqual({ ...first, name: "b", consumer: "b", replicas: 3 });
  });

  test("given a merge of several groups, when read, then the earlier wins, as in Pulumi", () => {
    const text = stackText(
      "noetl:nats: { jetstream: &a { memory: 2Gi } }\nnoetl:server:\n  pool: { <<: [&b { max: 5, min: 2 }, &c { max: 6, acquireTimeout: 9 }] }",
    );
    expect(configOf(text).server.pool).toEqual({ max: 5, min: 2, acquireTimeout: 9 });
  });

  test("given an alias of a wrong value, when read, then each use is told at the place of the value", () => {
    const text = stackText(
      "noetl:nats: { storage: &size 5 Gib }\nnoetl:server: { rustLog: *size, resources: { limits: { memory: *size } } }",
    );
    expect(problemsOf(text).map(({ line, column, path }) => `${line}:${column} ${path}`)).toEqual([
      "5:32 noetl:nats.storage",
      "5:32 noetl:server.resources.limits.memory",
    ]);
  });

  const bomb = [
    "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
    "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]",
    "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]",
    "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]",
    "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]",
  ];
  const above = "an alias of an anchor above";
  test.each<[string, string, Partial<ConfigProblem>]>([
    [
      "an alias without anchor",
      "noetl:nats: { storage: *size }",
      {
        path: "noetl:nats.storage",
        line: 5,
        message: "an alias refers to an anchor that does not stand above it",
        allowed: above,
      },
    ],
    [
      "an alias before its anchor",
      "noetl:nats: { storage: *s, image: &s x }",
      { path: "noetl:nats.storage", line: 5, message: "an alias refers to an anchor that does not stand above it" },
    ],
    [
      "a value that holds itself",
      "noetl:nats: &n { jetstream: *n }",
      { path: "noetl:nats.jetstream", line: 5, message: "an alias refers to the value that holds it", allowed: above },
    ],
    [
      "a merge of text",
      "noetl:nats: { <<: text }",
      {
        path: 'noetl:nats["<<"]',
        message: "there is nothing to merge",
        allowed: "an alias such as *defaults of a group of keys",
      },
    ],
    [
      "a bomb of aliases",
      bomb.join("\n"),
      { message: "aliases expand to more than 20000 values", allowed: "fewer or smaller aliases" },
    ],
    [
      "deep nesting",
      `noetl:nats: ${"[".repeat(60)}${"]".repeat(60)}`,
      { path: "noetl:nats[0][0]", message: "is nested too deeply", allowed: "at most 40 levels" },
    ],
    [
      "hostile nesting",
      `noetl:nats: ${"[".repeat(9000)}`,
      { path: FILE, line: 5, message: "is nested too deeply", allowed: "at most 40 levels" },
    ],
    [
      "hostile nesting of lists",
      `noetl:nats:\n  ${"- ".repeat(9000)}a`,
      { path: FILE, line: 6, message: "is nested too deeply", allowed: "at most 40 levels" },
    ],
  ])("given %s, when read, then the message says so", (_, lines, expected) => {
    expect(problemsOf(stackText(lines))).toContainEqual(expect.objectContaining(expected));
  });
});

describe("what is as good as the usual way of writing", () => {
  test.each<[string, string]>([
    ["Windows line ends", stackText("noetl:nats: { storage: 9Gi }").replaceAll("\n", "\r\n")],
    ["a byte order mark", `\uFEFF${stackText("noetl:nats: { storage: 9Gi }")}`],
    ["a document start", `# a comment\n---\n${stackText("noetl:nats: { storage: 9Gi }")}`],
    [
      "Pulumi's own keys",
      `encryptionsalt: v1:x\nsecretsprovider: gcpkms://x\nenvironment: [base]\n${stackText("noetl:nats: { storage: 9Gi }")}`,
    ],
    ["quotes", stackText(`"noetl:nats": { "storage": '9Gi' }`)],
    ["a text block", stackText("noetl:nats:\n  storage: |-\n    9Gi")],
    ["a plain tag", stackText("noetl:nats: !!map { storage: !!str 9Gi }")],
  ])("given %s, when read, then the settings are the same", (_, text) => {
    expect(configOf(text).nats.storage).toBe("9Gi");
  });

  test("given a pool list in flow style, when read, then it is a list", () => {
    expect(
      configOf(stackText(`noetl:workerPools:\n${pool("a")}\n${pool("b")}`)).workerPools.map(({ name }) => name),
    ).toEqual(["a", "b"]);
  });
});
