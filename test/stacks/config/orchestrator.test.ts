import { describe, expect, test } from "@jest/globals";
import { configOf, pool, problem, problemsOf, stackText } from "./support";

const IMAGE = "image: registry.example.com/orchestrator:1.0.0";
const HASH = "ab".repeat(32);
const ANN = `tokens: [{ name: ann, role: admin, sha256: ${HASH} }]`;
const CLOUD = "pulumi: { backend: gs://states }";
const SURREALDB = "surrealdb: { url: ws://surrealdb.surrealdb.svc:8000, username: orchestrator }";
const PASSWORD = "noetl:secrets: { surrealdbPassword: { secure: v1:a } }\n";
const PASSPHRASE = "noetl:secrets: { pulumiPassphrase: { secure: v1:a } }\n";

describe("orchestrator", () => {
  test("given no key, there is none", () => {
    expect(configOf(stackText("")).orchestrator).toBeUndefined();
  });

  test("given an image and a token, the rest has defaults", () => {
    expect(configOf(stackText(`noetl:orchestrator: { ${IMAGE}, ${ANN} }`)).orchestrator).toEqual({
      image: "registry.example.com/orchestrator:1.0.0",
      port: 8080,
      statusPort: 9090,
      replicas: 1,
      storage: "10Gi",
      allowStacks: [],
      concurrency: 4,
      drain: 240,
      tokens: [{ name: "ann", role: "admin", sha256: HASH }],
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "2", memory: "4Gi" } },
    });
  });

  test.each([
    ["a provider", "oidc: { issuer: https://sso.example.com/realms/a, audience: noetl }", ""],
    ["a bucket", `${ANN}, ${CLOUD}`, PASSPHRASE],
    ["a bucket with options", `${ANN}, pulumi: { backend: "s3://b/p?region=eu-west-1&awssdk=v2" }`, PASSPHRASE],
    ["a key service", `${ANN}, pulumi: { backend: file:///data/state, passphrase: false }`, ""],
    [
      "Pulumi Cloud",
      `${ANN}, pulumi: { backend: https://api.pulumi.com, passphrase: false }`,
      "noetl:secrets: { pulumiAccessToken: { secure: v1:a } }",
    ],
    ["three on a SurrealDB server", `${ANN}, replicas: 3, ${SURREALDB}`, PASSWORD],
  ])("given %s, takes it", (_, more, secrets) => {
    expect(problemsOf(stackText(`${secrets}\nnoetl:orchestrator: { ${IMAGE}, ${more} }`))).toEqual([]);
  });

  test.each([
    [
      "nobody who may ask",
      `noetl:orchestrator: { ${IMAGE} }`,
      problem("5:23", "noetl:orchestrator", "has neither tokens nor oidc, so that nobody may ask it", {
        allowed: "tokens, oidc or both",
        next: "run noetl-ops orchestrator token --name NAME --role admin, and put the entry it prints under tokens",
      }),
    ],
    [
      "one port for two",
      `noetl:orchestrator: { ${IMAGE}, ${ANN}, statusPort: 8080 }`,
      expect.objectContaining({
        path: "noetl:orchestrator.statusPort",
        message: "8080 is the port of the API already (the default)",
      }),
    ],
    [
      "a token of two people",
      `noetl:orchestrator:\n  ${IMAGE}\n  tokens:\n${`    - { name: a, role: viewer, sha256: ${HASH} }\n`.repeat(2)}`,
      expect.objectContaining({
        path: "noetl:orchestrator.tokens[1].sha256",
        message: "is the hash of orchestrator.tokens[0]: one token would be two people (line 8)",
      }),
    ],
    [
      "a token instead of its hash",
      `noetl:orchestrator: { ${IMAGE}, tokens: [{ name: a, role: viewer, sha256: noetl_x }] }`,
      expect.objectContaining({
        path: "noetl:orchestrator.tokens[0].sha256",
        allowed: "the 64 hexadecimal digits that noetl-ops orchestrator token prints",
      }),
    ],
    [
      "no passphrase",
      `noetl:orchestrator: { ${IMAGE}, ${ANN}, ${CLOUD} }`,
      expect.objectContaining({
        path: "noetl:secrets.pulumiPassphrase",
        message: expect.stringMatching(/^is missing: without it orchestrator\.pulumi cannot open a stack/) as unknown,
        next: "run: pulumi config set --secret --path 'noetl:secrets.pulumiPassphrase'",
      }),
    ],
    [
      "a passphrase that nobody reads",
      `${PASSPHRASE}noetl:orchestrator: { ${IMAGE}, ${ANN} }`,
      expect.objectContaining({
        path: "noetl:secrets.pulumiPassphrase",
        message: "is of no use: nothing of noetl:orchestrator.pulumi reads it",
      }),
    ],
    [
      "three on one volume",
      `noetl:orchestrator: { ${IMAGE}, ${ANN}, replicas: 3 }`,
      expect.objectContaining({
        path: "noetl:orchestrator.replicas",
        message:
          "3 pods cannot share the folder of the tasks on a volume, which one pod writes: only surrealdb-server is for several",
        allowed: "1, unless orchestrator.surrealdb is given",
        next: "write noetl:orchestrator.surrealdb with url and username of a SurrealDB server: docs/components/orchestrator.md",
      }),
    ],
    [
      "no password of SurrealDB",
      `noetl:orchestrator: { ${IMAGE}, ${ANN}, ${SURREALDB} }`,
      expect.objectContaining({
        path: "noetl:secrets.surrealdbPassword",
        message: "is missing: without it orchestrator.surrealdb is not let in (line 5)",
        next: "run: pulumi config set --secret --path 'noetl:secrets.surrealdbPassword'",
      }),
    ],
    [
      "a password of SurrealDB that nobody reads",
      `${PASSWORD}noetl:orchestrator: { ${IMAGE}, ${ANN} }`,
      expect.objectContaining({
        path: "noetl:secrets.surrealdbPassword",
        message: "is of no use: nothing of noetl:orchestrator.surrealdb reads it",
      }),
    ],
    [
      "a user in the URL",
      `${PASSWORD}noetl:orchestrator: { ${IMAGE}, ${ANN}, surrealdb: { url: "ws://a:b@surrealdb:8000", username: a } }`,
      expect.objectContaining({ path: "noetl:orchestrator.surrealdb.url" }),
    ],
    [
      "a state in the pod, which has no volume",
      `${PASSWORD}noetl:orchestrator: { ${IMAGE}, ${ANN}, ${SURREALDB}, pulumi: { backend: file:///data/state, passphrase: false } }`,
      expect.objectContaining({
        path: "noetl:orchestrator.pulumi.backend",
        message:
          "is a folder of the pod, and with orchestrator.surrealdb it has no volume: the state would go with the pod",
      }),
    ],
    [
      "a state that the pod cannot write",
      `${PASSPHRASE}noetl:orchestrator: { ${IMAGE}, ${ANN}, pulumi: { backend: "file:///var/state" } }`,
      expect.objectContaining({ path: "noetl:orchestrator.pulumi.backend" }),
    ],
    [
      "a variable that is Pulumi's",
      `${PASSPHRASE}noetl:orchestrator: { ${IMAGE}, ${ANN}, pulumi: { backend: gs://a, variables: [{ variable: PULUMI_HOME, secret: a, key: b }] } }`,
      expect.objectContaining({ path: "noetl:orchestrator.pulumi.variables[0].variable" }),
    ],
    [
      "more requested than allowed",
      `noetl:orchestrator: { ${IMAGE}, ${ANN}, resources: { requests: { cpu: 3 } } }`,
      expect.objectContaining({ path: "noetl:orchestrator.resources.requests.cpu" }),
    ],
    [
      "a worker pool of its name",
      `noetl:orchestrator: { ${IMAGE}, ${ANN} }\nnoetl:workerPools:\n${pool("noetl-orchestrator")}`,
      expect.objectContaining({
        path: "noetl:workerPools[0].name",
        message: '"noetl-orchestrator" is the name of orchestrator already (line 5)',
      }),
    ],
  ])("given %s, when read, then it is refused", (_, lines, expected) => {
    expect(problemsOf(stackText(lines))).toEqual([expected]);
  });

  test("given a store that has the values, when read, then none is wanted, and one that is given is of no use", () => {
    const store = `noetl:server: { keychain: { vault: { address: http://vault.vault.svc:8200 } } }\nnoetl:secretProvider: { kind: vault }\n`;
    const orchestrator = `noetl:orchestrator: { ${IMAGE}, ${ANN}, ${CLOUD} }`;
    expect(problemsOf(stackText(`${store}${orchestrator}`))).toEqual([]);
    expect(problemsOf(stackText(`${store}${PASSPHRASE}${orchestrator}`))).toEqual([
      expect.objectContaining({ path: "noetl:secrets.pulumiPassphrase" }),
    ]);
  });
});
