import { describe, expect, test } from "@jest/globals";
import { plaintextSecrets } from "../../../preview/policies/plaintext-secrets";
import type { ResourceGraph } from "../../../preview/graph";
import { policyContext, violationsOf } from "../../../preview/policies";
import { configMap, env, graph, object, workload, type Node } from "../support";

const findings = (shown: ResourceGraph) => violationsOf(plaintextSecrets, policyContext(shown, false));

const PRIVATE_KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n";

const withEnv = (name: string, value: string): Node => workload({ container: { env: env({ [name]: value }) } });
const withArgs = (...args: string[]): Node => workload({ container: { args } });
const withData = (key: string, text: string): Node => configMap("settings", { [key]: text });

describe("plaintext secrets", () => {
  test.each([
    ["a file path", withEnv("NOETL_K8S_TOKEN_FILE", "/var/run/token")],
    ["a path under a secret's name", withEnv("NOETL_TLS_KEY", "/tls/tls.key")],
    [
      "a reference",
      workload({ container: { env: env({ POSTGRES_PASSWORD: { secretKeyRef: { name: "s", key: "p" } } }) } }),
    ],
    ["an empty value", withEnv("POSTGRES_PASSWORD", "")],
    ["a variable of the pod", withEnv("NATS_URL", "nats://noetl:$(NATS_PASSWORD)@nats:4222")],
    ["a URL without user", withEnv("NATS_URL", "nats://nats.nats.svc.cluster.local:4222")],
    ["a URL with a user and no password", withEnv("DATABASE_URL", "postgres://noetl@postgres:5432/noetl")],
    ["a subject", withEnv("NATS_FILTER_SUBJECT", "noetl.commands.shared.>")],
    ["names of secrets to read", withEnv("NOETL_KEYCHAIN_ENV_VARS", "NOETL_INTERNAL_API_TOKEN")],
    [
      "the address of a token service",
      withEnv("NOETL_GCP_METADATA_TOKEN_URL", "http://metadata.google.internal/token"),
    ],
    ["a switch", withEnv("NOETL_ALLOW_INSECURE_DEFAULT_KEY", "true")],
    ["a name of a key", withEnv("NOETL_GCP_KMS_KEY", "projects/p/locations/l/keyRings/r/cryptoKeys/k")],
    ["a short key that is none", withEnv("PARTITION_KEY", "order_id")],
    ["a certificate", withData("ca.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")],
    [
      "variables in nats.conf",
      withData("nats.conf", 'accounts {\n  NOETL { users: [ { user: "noetl", password: $PASSWORD } ] }\n}\n'),
    ],
    ["a password method", withData("postgresql.conf", "password_encryption = scram-sha-256\nauth_token: required\n")],
    ["a comment", withData("init.sh", "# password: hunter2\n  -- token = 'abc'\n")],
    [
      "a script's variables",
      withData("init.sh", 'password="$NOETL_PASSWORD"\n[ "$token" = "x" ]\n\\password :"role"\n'),
    ],
    ["a variable in SQL", withData("init.sql", "CREATE ROLE noetl LOGIN PASSWORD :'password';\n")],
    ["a checksum of a secret", workload({ podAnnotations: { "checksum/secret": "0123456789abcdef0123456789abcdef" } })],
    ["an option without value", withArgs("--password", "$(POSTGRES_PASSWORD)")],
  ])("given %s, when checked, then nothing is found", (_, node) => {
    expect(findings(graph(node))).toEqual([]);
  });

  test("given a value that is the name of a Secret, when checked, then it is a reference", () => {
    const secret = object({ apiVersion: "v1", kind: "Secret", metadata: { name: "noetl-tls", namespace: "noetl" } });
    expect(findings(graph(secret, withArgs("--tls-secret=noetl-tls")))).toEqual([]);
    expect(findings(graph(withArgs("--tls-secret=noetl-tls")))).toHaveLength(1);
  });

  test("given a literal password, when checked, then the finding says where and not what", () => {
    expect(findings(graph(withEnv("POSTGRES_PASSWORD", "hunter2")))).toEqual([
      {
        severity: "error",
        rule: "plaintext-secrets",
        resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::app",
        message: "variable POSTGRES_PASSWORD of container 'app' is a secret by its name, and has a literal value",
        fix: "put the value into noetl:secrets (pulumi config set --secret --path), and let the pod read it by secretKeyRef or from a mounted Secret",
      },
    ]);
  });

  const LITERAL = "is a secret by its name, and has a literal value";
  const CREDENTIALS = "holds a URL with a password";
  const ASSIGNED = "holds a password or token as a literal";
  test.each([
    [
      "a token",
      withEnv("NOETL_INTERNAL_API_TOKEN", "abc"),
      `variable NOETL_INTERNAL_API_TOKEN of container 'app' ${LITERAL}`,
    ],
    ["a password without separator", withEnv("PGPASSWORD", "abc"), `variable PGPASSWORD of container 'app' ${LITERAL}`],
    ["an API key", withEnv("SEARCH_API_KEY", "abc"), `variable SEARCH_API_KEY of container 'app' ${LITERAL}`],
    [
      "key material",
      withEnv("SEAL_KEY", "q83vEjRWeJCrze8SNFZ4kA=="),
      "variable SEAL_KEY of container 'app' looks like key material",
    ],
    [
      "a URL with a password",
      withEnv("NATS_URL", "nats://noetl:hunter2@nats:4222"),
      `variable NATS_URL of container 'app' ${CREDENTIALS}`,
    ],
    [
      "a DSN with a password",
      withEnv("NOETL_SHARDS", "host=a;password=hunter2;database=b"),
      `variable NOETL_SHARDS of container 'app' ${ASSIGNED}`,
    ],
    ["a private key", withEnv("CERT", PRIVATE_KEY), "variable CERT of container 'app' holds a private key"],
    ["an option with =", withArgs("--password=hunter2"), `argument --password of container 'app' ${LITERAL}`],
    [
      "an option and its value",
      withArgs("-v", "--api-token", "hunter2"),
      `argument --api-token of container 'app' ${LITERAL}`,
    ],
    ["a script", withArgs("PGPASSWORD=hunter2 psql"), `argument 1 of container 'app' ${ASSIGNED}`],
    [
      "a pod annotation",
      workload({ podAnnotations: { "example.com/api-token": "abc" } }),
      `pod annotation example.com/api-token ${LITERAL}`,
    ],
    [
      "a password in nats.conf",
      withData("nats.conf", 'users: [ { user: "noetl", password: "hunter2" } ]\n'),
      `key nats.conf ${ASSIGNED}`,
    ],
    ["an unquoted password", withData("app.conf", "user = noetl\npassword = hunter2\n"), `key app.conf ${ASSIGNED}`],
    [
      "a role in SQL",
      withData("init.sql", "CREATE ROLE noetl LOGIN PASSWORD 'hunter2';\n"),
      `key init.sql ${ASSIGNED}`,
    ],
    ["a private key in a ConfigMap", withData("tls.pem", PRIVATE_KEY), "key tls.pem holds a private key"],
    ["a ConfigMap for envFrom", withData("POSTGRES_PASSWORD", "hunter2"), `key POSTGRES_PASSWORD ${LITERAL}`],
  ])("given %s, when checked, then it is an error", (_, node, message) => {
    const found = findings(graph(node));
    expect(found).toMatchObject([{ severity: "error", message }]);
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  test("given an init container with a literal password, when checked, then it is found, too", () => {
    const initContainers = [{ name: "wait", image: "a:1", env: env({ NATS_PASSWORD: "abc" }) }];
    expect(findings(graph(workload({ podSpec: { initContainers } })))).toHaveLength(1);
  });
});
