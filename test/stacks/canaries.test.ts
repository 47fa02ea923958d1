import { beforeAll, describe, expect, test } from "@jest/globals";
import { issueLeaf, issueRoot } from "../../components/tls/built-in/certificates";
import { keyFrom } from "../../components/tls/built-in/keys";
import { toJson, toYaml } from "../../preview/format-data";
import { formatView } from "../../preview/format-view";
import { renderedFiles } from "../../preview/manifests";
import { previewPicture } from "../../preview/picture";
import { renderStack } from "../../preview/render";
import { plain } from "../../preview/style";
import { viewOf } from "../../preview/view";
import { readEngineConfig } from "../../stacks/config/engine";
import { ConfigError } from "../../stacks/config/problem";
import { platformNode, type SchemaNode } from "../../stacks/config/schema-node";
import type { StackSettings } from "../../stacks/config/stack-file";

/** Places of all settings that are secrets, as the schema has them: a new one is here without an edit. */
function secretPaths(node: SchemaNode, path: string[] = []): string[] {
  const below = [
    ...Object.entries(node.properties ?? {}),
    ...(node.items ? [["0", node.items] as [string, SchemaNode]] : []),
  ].flatMap(([step, child]) => secretPaths(child, [...path, step]));
  const branches = (node.oneOf ?? []).flatMap((branch) => secretPaths(branch, path));
  return [...new Set([...(node.secret === true ? [path.join(".")] : []), ...below, ...branches])];
}

const PATHS = secretPaths(platformNode());

/** Of the keys that certificates need: `tls.given.server.key`. */
const KEY = /^tls\.given\.(\w+)\.key$/;
const KEYS = { seed: Buffer.alloc(32, 7).toString("base64"), lifetime: { issuedOn: "2026-11-21", days: 365 } };

/** A value that stands nowhere else, in the form that its reader takes. */
function canary(path: string): string {
  const [, owner] = KEY.exec(path) ?? [];
  if (owner !== undefined) return keyFrom(KEYS.seed, `leaf ${owner} ${KEYS.lifetime.issuedOn}`).privateKey;
  const bare = `canary${path.replaceAll(/[^A-Za-z]/g, "")}`;
  const forms: Record<string, string> = {
    "secrets.encryptionKey": Buffer.from(bare.padEnd(32, "x").slice(0, 32)).toString("base64"),
    "secrets.shardDsns.0": `host=db.example.com;port=5432;user=noetl;password=${bare};database=noetl_0`,
    "secrets.databaseUrl": `postgres://noetl:${bare}@db.example.com:5432/noetl`,
    "secrets.slackWebhookUrl": `https://hooks.slack.com/services/T/B/${bare}`,
  };
  return forms[path] ?? bare;
}

/** What must not be seen: the value, and what of it nobody can guess. */
const WORDS = PATHS.flatMap((path) => [
  canary(path),
  `canary${path.replaceAll(/[^A-Za-z]/g, "")}`,
  // Of a key, in whatever form its lines stand.
  ...(KEY.test(path) ? [canary(path).split("\n")[2] ?? ""] : []),
]);

/** What the settings need that have a secret. */
const SECTIONS: Record<string, unknown> = {
  profile: "gke",
  cluster: { context: "canaries" },
  gcp: { project: "noetl-production", region: "us-central1" },
  postgres: { mode: "inCluster" },
  nats: { replicas: 3, accounts: [{ name: "A", users: ["a"] }] },
  gateway: {},
  server: {
    tls: "mutual",
    replicas: 2,
    shards: { count: 2, databases: "perShard" },
    keychain: { kubernetes: {}, vault: { address: "https://vault.example.com" } },
  },
  pager: { pagerDuty: {}, slack: { channel: "#alerts" }, alertmanager: { kind: "gmp", clusterName: "noetl" } },
  orchestrator: {
    image: "registry.example.com/orchestrator:1.0.0",
    oidc: { issuer: "https://sso.example.com", audience: "noetl" },
    pulumi: { backend: "https://api.pulumi.com" },
    surrealdb: { url: "ws://surrealdb.surrealdb.svc:8000", username: "orchestrator" },
  },
  secrets: { natsUsers: [{ user: "a" }] },
};

/** Certificates for the keys. */
async function given(): Promise<Record<string, unknown>> {
  const root = await issueRoot(KEYS.seed, { generation: 1, ...KEYS.lifetime });
  const made: Record<string, unknown> = {};
  for (const path of PATHS) {
    const [, name] = KEY.exec(path) ?? [];
    if (name === undefined) continue;
    const leaf = { name, dnsNames: ["*.noetl.svc"], usages: ["server", "client"] as const };
    const { certificate } = await issueLeaf(root, leaf, KEYS.lifetime);
    made[name] = { certificate, ca: root.certificate };
  }
  return { mode: "given", given: made };
}

/** Puts a value at a path, and makes what is missing on the way. */
function planted(value: unknown, [step, ...rest]: string[], leaf: string): unknown {
  if (step === undefined) return leaf;
  if (/^\d+$/.test(step)) {
    const list = Array.isArray(value) ? (value as unknown[]) : [];
    return [planted(list[0], rest, leaf), ...list.slice(1)];
  }
  const group = (value ?? {}) as Record<string, unknown>;
  return { ...group, [step]: planted(group[step], rest, leaf) };
}

function entriesOf(sections: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sections).map(([name, value]) => [
      `noetl:${name}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

function withCanaries(): Record<string, unknown> {
  const all = PATHS.reduce<unknown>((config, path) => planted(config, path.split("."), canary(path)), SECTIONS);
  const sections = all as Record<string, Record<string, unknown>>;
  // One for each shard.
  const dsn = canary("secrets.shardDsns.0");
  return { ...sections, secrets: { ...sections.secrets, shardDsns: [dsn, dsn.replace("noetl_0", "noetl_1")] } };
}

function settingsOf(more: Record<string, unknown> = {}): StackSettings {
  const secretKeys = new Set(PATHS.map((path) => `noetl:${path.split(".")[0] ?? ""}`));
  const config = readEngineConfig({
    stack: "canaries",
    entries: entriesOf({ ...withCanaries(), ...more }),
    secretKeys,
  });
  return { stack: "canaries", file: "Pulumi.canaries.yaml", config };
}

/** Names of the words that stand in a text, in any form in which they may be written. */
function seenIn(text: string): string[] {
  return WORDS.filter((word) =>
    [word, Buffer.from(word).toString("base64"), encodeURIComponent(word), JSON.stringify(word).slice(1, -1)].some(
      (form) => text.includes(form),
    ),
  );
}

describe("a known value in every secret setting", () => {
  let shown: Record<string, string>;

  beforeAll(async () => {
    SECTIONS.tls = await given();
    const settings = settingsOf();
    const graph = await renderStack(settings);
    const former = new Map([...renderedFiles(graph)].map(([path, text]) => [path, text.replaceAll("2", "3")]));
    const view = await viewOf({ graph, config: settings.config }, "2026-11-21", { name: "rendered", files: former });
    shown = {
      graph: JSON.stringify(graph),
      files: [...renderedFiles(graph).values()].join("\n"),
      "preview for people, with the difference": formatView(view, plain, { width: 400 }),
      "preview as JSON": JSON.stringify(toJson(view)),
      "preview as YAML": toYaml(graph),
      picture: previewPicture(view),
    };
  });

  test("there are secret settings, and each value can be told apart", () => {
    expect(PATHS.length).toBeGreaterThanOrEqual(14);
    const seen = seenIn(JSON.stringify(withCanaries()));
    expect(PATHS.filter((path) => !seen.includes(canary(path)))).toStrictEqual([]);
  });

  test.each([
    "graph",
    "files",
    "preview for people, with the difference",
    "preview as JSON",
    "preview as YAML",
    "picture",
  ])("is nowhere in the %s", (what) => {
    expect(shown[what]?.length).toBeGreaterThan(1000);
    expect(seenIn(shown[what] ?? "")).toStrictEqual([]);
  });

  test("is nowhere in what is wrong with a file", () => {
    const wrong = { server: { replicas: "many" }, postgres: { mode: "inCluster", user: "x y" } };
    let error: unknown;
    try {
      settingsOf(wrong);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConfigError);
    expect(
      seenIn(`${(error as ConfigError).message} ${JSON.stringify((error as ConfigError).problems)}`),
    ).toStrictEqual([]);
  });

  test("is nowhere in what Secret Manager's resources show, where the program writes the values there", async () => {
    const graph = await renderStack(settingsOf({ secretProvider: { kind: "gcp", projectNumber: 1, create: true } }));
    expect(graph.resources.filter(({ type }) => type.includes("SecretVersion")).length).toBeGreaterThan(10);
    expect(seenIn(JSON.stringify(graph))).toStrictEqual([]);
  });
});
