import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

const GCP = "noetl:gcp: { project: noetl-production, region: us-central1 }";

const GKE = { profile: "noetl:profile: gke" };

/** Line 5 is the provider, what it needs stands below. */
const provider = (text: string, ...more: string[]): string =>
  stackText([`noetl:secretProvider: { ${text} }`, ...more].join("\n"), GKE);

describe("secretProvider", () => {
  test("given nothing, then the program makes the Secrets itself", () => {
    expect(configOf(stackText("")).secretProvider).toStrictEqual({ kind: "kubernetes" });
  });

  test("given gcp, then GKE makes the Secrets of values that exist", () => {
    expect(configOf(provider("kind: gcp, projectNumber: 1", GCP)).secretProvider).toStrictEqual({
      kind: "gcp",
      projectNumber: 1,
      by: "secretSync",
      create: false,
      entries: [],
      refreshInterval: "5m",
    });
  });

  test("given vault, then the server's Vault is the platform's", () => {
    const vault = "noetl:server: { keychain: { vault: { address: 'https://vault.example.com' } } }";
    expect(configOf(provider("kind: vault", vault)).secretProvider).toStrictEqual({
      kind: "vault",
      folder: "noetl",
      authMount: "kubernetes",
      role: "noetl",
      refreshInterval: "5m",
    });
  });

  test.each([
    ["an unknown kind", provider("kind: aws"), ["noetl:secretProvider.kind"]],
    ["no number of the project", provider("kind: gcp", GCP), ["noetl:secretProvider.projectNumber"]],
    ["an unknown way", provider("kind: gcp, projectNumber: 1, by: sync", GCP), ["noetl:secretProvider.by"]],
    ["gcp without a project", provider("kind: gcp, projectNumber: 1"), ["noetl:secretProvider.kind"]],
    ["vault without a Vault", provider("kind: vault"), ["noetl:secretProvider.kind"]],
  ])("given %s, then that is the problem", (_, text, paths) => {
    expect(problemsOf(text).map(({ path }) => path)).toStrictEqual(paths);
  });

  test("given the add-on alone, then it says what the workloads need and what gives it", () => {
    expect(problemsOf(provider("kind: gcp, projectNumber: 1, by: gkeAddOn", GCP))).toStrictEqual([
      problem(
        "5:60",
        "noetl:secretProvider.by",
        "GKE's Secret Manager add-on gives files and makes no Secret, but server, workers and database read theirs by secretKeyRef",
        { allowed: "secretSync, csi, externalSecrets", next: "write by: secretSync" },
      ),
    ]);
  });

  describe("in a cluster that is not of GKE", () => {
    const onKind = (by: string): string =>
      stackText(`noetl:secretProvider: { kind: gcp, projectNumber: 1, create: true${by} }\n${GCP}`);
    const refused = (at: string) =>
      problem(
        at,
        "noetl:secretProvider.by",
        "only GKE makes Secrets of a SecretSync, and a cluster of profile kind has none of its kinds (line 2)",
        {
          allowed: "csi or externalSecrets, unless the profile is gke",
          next: "write by: externalSecrets, and install the External Secrets Operator",
        },
      );

    test("given secretSync, or nothing, which means it, then that is refused", () => {
      expect(problemsOf(onKind(", by: secretSync"))).toStrictEqual([refused("5:74")]);
      expect(problemsOf(onKind(""))).toStrictEqual([refused("5:3")]);
    });

    test.each([", by: csi", ", by: externalSecrets"])("given %s, then it is fine", (by) => {
      expect(problemsOf(onKind(by))).toStrictEqual([]);
    });
  });

  test.each([
    "noetl-encryption-key",
    "projects/p/secrets/key/versions/latest",
    "projects/noetl-production/secrets/key",
    "projects/noetl-production/secrets/key/versions/0",
    "projects/noetl-production/secrets/key/versions/newest",
    "projects/noetl-production/secrets/a b/versions/1",
    "https://secretmanager.googleapis.com/v1/projects/noetl-production/secrets/key/versions/1",
  ])("given the path %s, then it is malformed", (path) => {
    const entries = `entries: [{ name: noetl-encryption-key, path: '${path}' }]`;
    const [found, ...others] = problemsOf(provider(`kind: gcp, projectNumber: 1, ${entries}`, GCP));
    expect(others).toStrictEqual([]);
    expect(found).toMatchObject({
      path: "noetl:secretProvider.entries[0].path",
      allowed: "projects/PROJECT/secrets/NAME/versions/VERSION, VERSION a number or latest",
    });
  });

  test.each([
    ["twice the same name", "", ["noetl:secretProvider.entries[1].name"]],
    [
      "create: true",
      "create: true,",
      [
        "noetl:secretProvider.entries[0].path",
        "noetl:secretProvider.entries[1].name",
        "noetl:secretProvider.entries[1].path",
      ],
    ],
    [
      "another project",
      "by: externalSecrets,",
      [
        "noetl:secretProvider.entries[0].path",
        "noetl:secretProvider.entries[1].name",
        "noetl:secretProvider.entries[1].path",
      ],
    ],
  ])("given entries and %s, then they cannot be", (_, more, paths) => {
    const entry = "{ name: a, path: projects/other-project/secrets/a/versions/1 }";
    const text = provider(`kind: gcp, projectNumber: 1, ${more} entries: [${entry}, ${entry}]`, GCP);
    expect(problemsOf(text).map(({ path }) => path)).toStrictEqual(paths);
  });

  test("given values that the store has, then those of the file are of no use", () => {
    const secrets = "noetl:secrets: { natsPassword: { secure: v1:x }, protect: false, rotations: { natsPassword: 2 } }";
    expect(problemsOf(provider("kind: gcp, projectNumber: 1", GCP, secrets)).map(({ path }) => path)).toStrictEqual([
      "noetl:secrets.natsPassword",
    ]);
    expect(problemsOf(provider("kind: gcp, projectNumber: 1, create: true", GCP, secrets))).toStrictEqual([]);
  });

  test("given an external database whose passwords the store has, then none are missing", () => {
    const external = { postgres: "noetl:postgres: { mode: external, host: db.example.com }" };
    const lines = ["noetl:secretProvider: { kind: gcp, projectNumber: 1 }", GCP].join("\n");
    expect(problemsOf(stackText(lines, { ...GKE, ...external }))).toStrictEqual([]);
  });
});

describe("server.keychain.vault.address", () => {
  const vault = (address: string, kind = "kubernetes"): string =>
    provider(`kind: ${kind}`, `noetl:server: { keychain: { vault: { address: '${address}' } } }`);

  test.each([
    "https://vault.example.com",
    "http://127.0.0.1:8200",
    "http://localhost:8200",
    "http://[::1]:8200",
    "http://vault:8200",
    "http://vault.vault.svc:8200",
    "http://vault.vault.svc.cluster.local:8200/base",
  ])("given %s, then it is fine", (address) => {
    expect(problemsOf(vault(address))).toStrictEqual([]);
  });

  test.each([
    "http://vault.example.com:8200",
    "http://10.0.0.1:8200",
    "http://vault.vault:8200",
    "http://svc.example.com",
    "http://127.0.0.1.example.com",
    "http://8.8.8.8",
  ])("given %s, then it would carry secrets in plain text", (address) => {
    const problems = problemsOf(vault(address));
    expect(problems.map(({ path }) => path)).toStrictEqual(["noetl:server.keychain.vault.address"]);
    expect(problems[0]?.message).toContain("in plain text");
    expect(problems[0]?.next).toContain(`write ${address.replace("http:", "https:")}`);
  });

  test("given the pod itself, then the operator that reads the platform's values cannot reach it", () => {
    const [found] = problemsOf(vault("http://127.0.0.1:8200", "vault"));
    expect(found?.message).toContain("is the pod itself");
  });
});
