import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { type Edit, editStackText, type EditValue } from "../../../stacks/config/edit";
import { ConfigError } from "../../../stacks/config/problem";
import { replaceFileText } from "../../../stacks/config/write-file";
import { ROOT } from "../../cli/support";
import { FILE } from "./support";

const FLIP = ["noetl:server", "flip"];

function set(path: Edit["path"], value: EditValue, note?: string): Edit {
  return { kind: "set", path, value, ...(note !== undefined && { note }) };
}

function remove(path: Edit["path"]): Edit {
  return { kind: "remove", path };
}

function append(path: Edit["path"], value: string): Edit {
  return { kind: "append", path, value };
}

describe("an edit of a stack file", () => {
  test.each<[string, string, Edit, string]>([
    [
      "changes a value and keeps quotes, blanks and comments around it",
      "# top\nconfig:\n  noetl:server: # the server\n    flip:   'off'   # for now\n    replicas: 3\n",
      set(FLIP, "shadow"),
      "# top\nconfig:\n  noetl:server: # the server\n    flip:   shadow   # for now\n    replicas: 3\n",
    ],
    [
      "puts in quotes what YAML 1.1 takes for a boolean",
      "config:\n  noetl:server: { flip: shadow }\n",
      set(FLIP, "on"),
      'config:\n  noetl:server: { flip: "on" }\n',
    ],
    [
      "adds a setting at the end of its group, behind a comment and before the next",
      "config:\n  noetl:server:\n    replicas: 3 # three\n\n  # next\n  noetl:nats: {}\n",
      set(FLIP, "shadow"),
      "config:\n  noetl:server:\n    replicas: 3 # three\n    flip: shadow\n\n  # next\n  noetl:nats: {}\n",
    ],
    [
      "adds behind a block of text",
      "config:\n  noetl:server:\n    rustLog: |\n      a\n      b\n  noetl:nats: {}\n",
      set(FLIP, "shadow"),
      "config:\n  noetl:server:\n    rustLog: |\n      a\n      b\n    flip: shadow\n  noetl:nats: {}\n",
    ],
    [
      "makes the groups that are missing",
      "config:\n  noetl:profile: kind\n",
      set(["noetl:pager", "proof", "at"], "2026-11-21T10:00:00Z"),
      'config:\n  noetl:profile: kind\n  noetl:pager:\n    proof:\n      at: "2026-11-21T10:00:00Z"\n',
    ],
    [
      "parts a new section from the others where they stand apart",
      "config:\n  noetl:profile: kind\n\n  noetl:nats: {}\n",
      set(FLIP, "shadow"),
      "config:\n  noetl:profile: kind\n\n  noetl:nats: {}\n\n  noetl:server:\n    flip: shadow\n",
    ],
    [
      "fills a group that is empty",
      "config:\n  noetl:server: # nothing yet\n  noetl:nats: {}\n",
      set(["noetl:server", "pool", "max"], 5),
      "config:\n  noetl:server: # nothing yet\n    pool:\n      max: 5\n  noetl:nats: {}\n",
    ],
    [
      "fills a setting that is empty",
      "config:\n  noetl:server:\n    flip:\n",
      set(FLIP, "off"),
      'config:\n  noetl:server:\n    flip: "off"\n',
    ],
    [
      "adds between braces",
      "config:\n  noetl:server: { replicas: 3 }\n",
      set(["noetl:server", "pool", "max"], 5),
      "config:\n  noetl:server: { replicas: 3, pool: { max: 5 } }\n",
    ],
    [
      "adds between empty braces",
      "config:\n  noetl:server: {}\n",
      set(FLIP, "shadow"),
      "config:\n  noetl:server: { flip: shadow }\n",
    ],
    [
      "reaches into a list",
      "config:\n  noetl:workerPools:\n    - name: a\n    - name: b\n      replicas: 1\n",
      set(["noetl:workerPools", 1, "replicas"], 2),
      "config:\n  noetl:workerPools:\n    - name: a\n    - name: b\n      replicas: 2\n",
    ],
    [
      "keeps Windows line ends, and adds the last one",
      "config:\r\n  noetl:server:\r\n    replicas: 3",
      set(FLIP, "shadow"),
      "config:\r\n  noetl:server:\r\n    replicas: 3\r\n    flip: shadow\r\n",
    ],
    [
      "appends to a list",
      "config:\n  noetl:streams:\n    also:\n      - coherence # why\n    by: nack\n",
      append(["noetl:streams", "also"], "events"),
      "config:\n  noetl:streams:\n    also:\n      - coherence # why\n      - events\n    by: nack\n",
    ],
    [
      "appends between brackets",
      "config:\n  noetl:streams: { also: [coherence] }\n",
      append(["noetl:streams", "also"], "events"),
      "config:\n  noetl:streams: { also: [coherence, events] }\n",
    ],
    [
      "makes a list that is missing",
      "config:\n  noetl:streams:\n    by: nack\n",
      append(["noetl:streams", "also"], "events"),
      "config:\n  noetl:streams:\n    by: nack\n    also:\n      - events\n",
    ],
    [
      "appends nothing that the list has",
      "config:\n  noetl:streams: { also: [ events ] }\n",
      append(["noetl:streams", "also"], "events"),
      "config:\n  noetl:streams: { also: [ events ] }\n",
    ],
    [
      "puts a note above a setting",
      "config:\n  noetl:server:\n    # The flip.\n    flip: shadow\n",
      set(FLIP, "on", "forced: a test"),
      'config:\n  noetl:server:\n    # The flip.\n    # noetl-ops: forced: a test\n    flip: "on"\n',
    ],
    [
      "takes an earlier note away",
      'config:\n  noetl:server:\n    # The flip.\n    # noetl-ops: forced: a test\n    flip: "on"\n',
      set(FLIP, "shadow"),
      "config:\n  noetl:server:\n    # The flip.\n    flip: shadow\n",
    ],
    [
      "writes a group on one line",
      "config:\n  noetl:server:\n    replicas: 3\n",
      set(["noetl:server", "pool"], { max: 5, mode: "on" }),
      'config:\n  noetl:server:\n    replicas: 3\n    pool: { max: 5, mode: "on" }\n',
    ],
    [
      "writes a list in the place of another on one line",
      "config:\n  noetl:streams: { also: [coherence] } # more\n",
      set(["noetl:streams", "also"], ["events", "coherence"]),
      "config:\n  noetl:streams: { also: [ events, coherence ] } # more\n",
    ],
    [
      "takes a setting away with the comment on its line, and leaves the one above",
      "config:\n  noetl:server:\n    # Three.\n    replicas: 3 # for now\n\n    # The flip.\n    flip: shadow\n",
      remove(["noetl:server", "replicas"]),
      "config:\n  noetl:server:\n    # Three.\n\n    # The flip.\n    flip: shadow\n",
    ],
    [
      "takes a note of its own away with the setting",
      "config:\n  noetl:server:\n    # noetl-ops: forced\n    flip: shadow\n    replicas: 3\n",
      remove(FLIP),
      "config:\n  noetl:server:\n    replicas: 3\n",
    ],
    [
      "takes a whole section away",
      "config:\n  noetl:server:\n    pool:\n      max: 5 # five\n\n  noetl:nats: {}\n",
      remove(["noetl:server"]),
      "config:\n\n  noetl:nats: {}\n",
    ],
    [
      "takes groups away that would be empty",
      "config:\n  noetl:server:\n    pool:\n      max: 5\n  noetl:nats: {}\n",
      remove(["noetl:server", "pool", "max"]),
      "config:\n  noetl:nats: {}\n",
    ],
    [
      "takes an item of a list away",
      "config:\n  noetl:workerPools:\n    - name: a\n      replicas: 1\n    - name: b # second\n    - name: c\n",
      remove(["noetl:workerPools", 1]),
      "config:\n  noetl:workerPools:\n    - name: a\n      replicas: 1\n    - name: c\n",
    ],
    [
      "takes the first member from between braces",
      "config:\n  noetl:server: { flip: shadow, replicas: 3 }\n",
      remove(FLIP),
      "config:\n  noetl:server: { replicas: 3 }\n",
    ],
    [
      "takes the last member from between braces",
      "config:\n  noetl:server: { replicas: 3, flip: shadow }\n",
      remove(FLIP),
      "config:\n  noetl:server: { replicas: 3 }\n",
    ],
    [
      "takes an item from between brackets",
      "config:\n  noetl:streams: { also: [coherence, events] }\n",
      remove(["noetl:streams", "also", 1]),
      "config:\n  noetl:streams: { also: [coherence] }\n",
    ],
    [
      "takes nothing away that is not there",
      "config:\n  noetl:server: { replicas: 3 }\n",
      remove(FLIP),
      "config:\n  noetl:server: { replicas: 3 }\n",
    ],
  ])("%s", (_, before, edit, after) => {
    expect(editStackText(before, FILE, [edit])).toBe(after);
  });

  test.each<[string, string, Edit]>([
    ["comes from an alias", "config:\n  a: &a { flip: off }\n  noetl:server: *a\n", set(FLIP, "on")],
    [
      "comes from a merge",
      "config:\n  a: &a { flip: off }\n  noetl:server:\n    <<: *a\n    flip: *b\n",
      set(FLIP, "on"),
    ],
    ["others refer to", "config:\n  noetl:server: { flip: &f off }\n  a: *f\n", set(FLIP, "on")],
    ["is a group over several lines", "config:\n  noetl:server:\n    flip:\n      a: b\n", set(FLIP, "on")],
    [
      "shares its line with an item's begin",
      "config:\n  noetl:workerPools:\n    - name: a\n      replicas: 1\n",
      remove(["noetl:workerPools", 0, "name"]),
    ],
    ["others refer to, when it goes", "config:\n  noetl:server: { flip: &f off, a: b }\n  a: *f\n", remove(FLIP)],
    ["is no list", "config:\n  noetl:streams: { also: events }\n", append(["noetl:streams", "also"], "coherence")],
    ["lies below a plain value", "config:\n  noetl:server: yes\n", set(FLIP, "on")],
    ["is a key of a list", "config:\n  noetl:workerPools: [a]\n", set(["noetl:workerPools", "name"], 1)],
    [
      "is an item that the list does not have",
      "config:\n  noetl:workerPools: []\n",
      set(["noetl:workerPools", 0, "replicas"], 1),
    ],
  ])("refuses a setting that %s, and tells what to write", (_, text, edit) => {
    expect(() => editStackText(text, FILE, [edit])).toThrow(/^Pulumi\.kind\.yaml: noetl:.* by hand$/s);
  });

  test("refuses what is no YAML with its line", () => {
    expect(() => editStackText("config:\n\ta: b\n", FILE, [set(FLIP, "on")])).toThrow(ConfigError);
  });

  test("refuses an empty file", () => {
    expect(() => editStackText("", FILE, [set(FLIP, "on")])).toThrow("by hand");
  });

  test.each(["kind", "gke", "gke-base"])(
    "of the stack %s changes nothing but lines of its own, whatever is set",
    (stack) => {
      const text = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
      const key = fc.constantFrom("server", "nats", "pager", "streams", "postgres", "keda");
      const name = fc.stringMatching(/^[a-z]{1,8}$/).map((word) => `x${word}`);
      const value = fc.oneof(fc.string({ maxLength: 40 }).filter(printable), fc.integer(), fc.boolean());
      fc.assert(
        fc.property(key, fc.array(name, { minLength: 1, maxLength: 3 }), value, (section, below, given) => {
          const path = [`noetl:${section}`, ...below];
          const after = editStackText(text, FILE, [set(path, given)]);
          expect(at(parse(after), ["config", ...path])).toBe(given);
          const kept = after.split("\n");
          const missing = text.split("\n").filter((line) => !kept.includes(line));
          expect(missing).toEqual([]);
        }),
        { numRuns: 50 },
      );
    },
  );

  test.each(["kind", "gke"])("of the stack %s that takes away what was just added gives every byte back", (stack) => {
    const text = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8");
    const key = fc.constantFrom("server", "nats", "streams", "postgres");
    const name = fc.stringMatching(/^[a-z]{1,8}$/).map((word) => `x${word}`);
    const value = fc.oneof(fc.string({ maxLength: 40 }).filter(printable), fc.integer(), fc.boolean());
    fc.assert(
      fc.property(key, name, value, (section, below, given) => {
        const path = [`noetl:${section}`, below];
        const added = editStackText(text, FILE, [set(path, given)]);
        expect(editStackText(added, FILE, [remove(path)])).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  /** Lines of one section, each leaf with its place; comments and blank lines stand wherever YAML lets them. */
  const section = (key: string, eol: string) =>
    fc.record({
      head: fc.constantFrom("", eol, `  # about ${key}${eol}`, `# at the edge${eol}${eol}`),
      style: fc.constantFrom("block", "flow"),
      leaves: fc.uniqueArray(
        fc.record({
          name: fc.stringMatching(/^[a-z]{1,6}$/),
          value: fc.constantFrom("12", "'a # b'", '"c: d"', "plain text", "true"),
          gap: fc.constantFrom("", "  ", "\t"),
          note: fc.constantFrom("", " # why", "    # two  spaces "),
          above: fc.constantFrom("", eol, `      # deeper than it need be${eol}`),
        }),
        { minLength: 1, maxLength: 4, selector: ({ name }) => name },
      ),
    });

  test("replaces nothing but the bytes of the value, whatever stands around it", () => {
    const eols = fc.constantFrom("\n", "\r\n");
    const files = eols.chain((eol) =>
      fc.record({
        eol: fc.constant(eol),
        sections: fc.tuple(section("server", eol), section("nats", eol)),
        end: fc.constantFrom("", eol, `# the end${eol}`),
        pick: fc.nat(),
        given: fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 20 }).filter(printable)),
      }),
    );
    fc.assert(
      fc.property(files, ({ eol, sections, end, pick, given }) => {
        let text = `# a stack${eol}config:${eol}`;
        const places: { path: string[]; from: number; to: number }[] = [];
        const leaf = (path: string[], value: string): void => {
          places.push({ path, from: text.length, to: text.length + value.length });
          text += value;
        };
        for (const [index, { head, style, leaves }] of sections.entries()) {
          const key = `noetl:${index === 0 ? "server" : "nats"}`;
          text += `${head}  ${key}:`;
          if (style === "flow") {
            text += " { ";
            for (const [at, { name, value }] of leaves.entries()) {
              text += `${at === 0 ? "" : ", "}${name}: `;
              leaf([key, name], value);
            }
            text += ` } # inline${eol}`;
            continue;
          }
          text += eol;
          for (const { name, value, gap, note, above } of leaves) {
            text += `${above}    ${name}: ${gap}`;
            leaf([key, name], value);
            text += `${note}${eol}`;
          }
        }
        text += end;
        const place = places[pick % places.length];
        if (place === undefined) throw new Error("a file without leaves");

        const after = editStackText(text, FILE, [set(place.path, given)]);

        expect(at(parse(after), ["config", ...place.path])).toBe(given);
        const [before, behind] = [text.slice(0, place.from), text.slice(place.to)];
        expect([after.slice(0, before.length), after.slice(after.length - behind.length)]).toEqual([before, behind]);
      }),
      { numRuns: 100 },
    );
  });
});

function printable(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function at(value: unknown, path: Edit["path"]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], value);
}

describe("writing a stack file", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-edit-"));
    file = join(folder, "Pulumi.x.yaml");
    writeFileSync(file, "before");
    chmodSync(file, 0o640);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("replaces the text, keeps the file's mode, and leaves nothing beside it", () => {
    replaceFileText(file, "before", "after");
    expect(readFileSync(file, "utf8")).toBe("after");
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["Pulumi.x.yaml"]);
  });

  test("writes through a link", () => {
    const link = join(folder, "link.yaml");
    symlinkSync(file, link);
    replaceFileText(link, "before", "after");
    expect(readFileSync(file, "utf8")).toBe("after");
    expect(readdirSync(folder)).toEqual(["Pulumi.x.yaml", "link.yaml"]);
  });

  test("writes nothing over what somebody else has written meanwhile", () => {
    expect(() => {
      replaceFileText(file, "something else", "after");
    }).toThrow(`${file} has changed meanwhile, and nothing was written\nnext: run the command again`);
    expect(readFileSync(file, "utf8")).toBe("before");
  });
});
