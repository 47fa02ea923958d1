import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { difference } from "../../preview/difference";
import { formatDifference } from "../../preview/format-difference";
import { renderedFiles, type RenderedFiles } from "../../preview/manifests";
import { renderStack } from "../../preview/render";
import { plain } from "../../preview/style";
import { parseStackFile } from "../../stacks/config/stack-file";
import { ROOT } from "../cli/support";

/** The workloads with certificates. */
const RESTARTED = ["noetl/noetl-server-rust", "noetl/noetl-worker-system-pool", "noetl/worker"];

const PAGE = join(ROOT, "docs", "tls-rotation.md");

/** What the stack file says of `noetl:tls` after each step, by the names that the page gives them. */
const BUILT_IN = {
  before: builtIn(1, [1], "2026-11-21"),
  renewed: builtIn(1, [1], "2027-10-25"),
  "both trusted": builtIn(1, [1, 2], "2027-10-25"),
  "new signs": builtIn(2, [1, 2], "2027-10-25"),
  "old dropped": builtIn(2, [2], "2027-10-25"),
};
const CERT_MANAGER = {
  before: certManager(1, [1]),
  "both trusted": certManager(1, [1, 2]),
  "new signs": certManager(2, [1, 2]),
  "old dropped": certManager(2, [2]),
};

function builtIn(generation: number, trusted: readonly number[], issuedOn: string): string {
  const roots = trusted.map((one) => `{ generation: ${one}, issuedOn: "2026-11-${20 + one}" }`);
  return `{ mode: builtIn, ca: { generation: ${generation}, trusted: [${roots.join(", ")}] }, leaves: { issuedOn: "${issuedOn}" } }`;
}

function certManager(generation: number, trusted: readonly number[]): string {
  return `{ mode: certManager, ca: { generation: ${generation}, trusted: [${trusted.join(", ")}] } }`;
}

/** Renders a platform of a server with mutual TLS, one worker pool and the system pool. */
async function render(tls: string): Promise<RenderedFiles> {
  const text = `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:server: { tls: mutual, metrics: false }
  noetl:systemPool: { cleanup: { enabled: false } }
  noetl:workerPools: [{ name: worker, poolName: worker, segment: shared }]
  noetl:tls: ${tls}
`;
  return renderedFiles(await renderStack(parseStackFile(text, "Pulumi.kind.yaml")));
}

/** What the preview of each step says, in the order of the steps. */
async function previews(steps: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const renders: [string, RenderedFiles][] = [];
  for (const [name, tls] of Object.entries(steps)) renders.push([name, await render(tls)]);
  const found = new Map<string, string>();
  for (const [index, [name, after]] of renders.entries()) {
    const before = renders[index - 1]?.[1];
    if (before) found.set(name, formatDifference(await difference(before, after), plain, { width: 120 }));
  }
  return found;
}

/** The workloads whose pods a difference replaces. */
function restarted(text: string): string[] {
  const lines = text.split("\n");
  return lines.filter((line, index) => {
    if (!/^~ (Deployment|StatefulSet) /.test(line)) return false;
    const end = lines.findIndex((other, at) => at > index && !other.startsWith(" "));
    return lines.slice(index, end).some((field) => field.includes("spec.template"));
  });
}

const shown = new Map<string, Map<string, string>>();

beforeAll(async () => {
  shown.set("builtIn", await previews(BUILT_IN));
  shown.set("certManager", await previews(CERT_MANAGER));
}, 120_000);

test("docs/tls-rotation.md shows the preview of every step, as it is today", () => {
  const committed = readFileSync(PAGE, "utf8");
  let current = committed;
  for (const [mode, steps] of shown) {
    for (const [name, text] of steps) {
      current = current.replace(
        new RegExp(`(<!-- preview: ${mode}, ${name} -->\n)[^]*?(<!-- /preview -->)`),
        (_, start: string, end: string) => `${start}\n\`\`\`text\n${text}\`\`\`\n\n${end}`,
      );
      expect(current).toContain(text);
    }
  }
  // Like a render: the new text takes the place of the old, and the test fails all the same.
  writeFileSync(PAGE, current);
  expect(committed).toBe(current);
});

test.each(["builtIn", "certManager"])(
  "with %s, each step starts exactly the pods anew that have a certificate",
  (mode) => {
    for (const [name, text] of shown.get(mode) ?? []) {
      expect([name, restarted(text).map((line) => line.split(/\s+/)[2])]).toEqual([name, RESTARTED]);
    }
  },
);
