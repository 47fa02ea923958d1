import { describe, expect, test } from "@jest/globals";
import { serverPatch, withoutPatch, workerPatch } from "../../../../operations/rigs/flight/patches";
import type { Workload } from "../../../../operations/rigs/platform";
import type { JsonObject } from "../../../../preview/json";

const ref = (name: string) => ({ apiVersion: "apps/v1", kind: "Deployment", name, namespace: "noetl" });
const SERVER: Workload = { ref: ref("noetl-server"), container: "noetl-server" };
const WORKER: Workload = { ref: ref("noetl-worker-rust"), container: "worker" };

function deployment(container: string, env: JsonObject[], volumes: JsonObject[] = []): JsonObject {
  return { spec: { template: { spec: { containers: [{ name: container, env }], volumes } } } };
}

describe("what flight-tls patches", () => {
  test("the server gets files and tokens, and no value of a Secret", () => {
    expect(serverPatch(SERVER)).toStrictEqual({
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "noetl-server",
                env: [
                  { name: "NOETL_FLIGHT_TLS_CERT", value: "/etc/noetl/flight/server.crt" },
                  { name: "NOETL_FLIGHT_TLS_KEY", value: "/etc/noetl/flight/server.key" },
                  { name: "NOETL_FLIGHT_CLIENT_CA", value: "/etc/noetl/flight/client-ca.crt" },
                  {
                    name: "NOETL_FLIGHT_BEARER_TOKENS",
                    valueFrom: {
                      secretKeyRef: { name: "noetl-verify-flight-bearer", key: "NOETL_FLIGHT_BEARER_TOKENS" },
                    },
                  },
                ],
                volumeMounts: [{ name: "noetl-verify-flight", mountPath: "/etc/noetl/flight", readOnly: true }],
              },
            ],
            volumes: [
              {
                name: "noetl-verify-flight",
                secret: {
                  secretName: "noetl-verify-flight-tls",
                  items: ["server.crt", "server.key", "client-ca.crt"].map((file) => ({ key: file, path: file })),
                },
              },
            ],
          },
        },
      },
    });
  });

  const keychain = (value: string) => ({ name: "NOETL_KEYCHAIN_ENV_VARS", value });

  test.each([
    [[], "NOETL_FLIGHT_BEARER_TOKEN"],
    [[keychain("SLACK, MAIL")], "SLACK,MAIL,NOETL_FLIGHT_BEARER_TOKEN"],
    [[keychain("NOETL_FLIGHT_BEARER_TOKEN,MAIL")], "MAIL,NOETL_FLIGHT_BEARER_TOKEN"],
  ])("a worker with %j lets playbooks use %s", (env, expected) => {
    const patch = workerPatch(WORKER, deployment("worker", env));
    expect(JSON.stringify(patch)).toContain(JSON.stringify(keychain(expected)));
  });

  test("nothing is taken away where nothing was added", () => {
    expect(withoutPatch(WORKER, deployment("worker", [keychain("MAIL")]))).toBeUndefined();
  });

  test("what was added is taken away, and what playbooks could use before stays", () => {
    const now = deployment("worker", [keychain("MAIL,NOETL_FLIGHT_BEARER_TOKEN")], [{ name: "noetl-verify-flight" }]);
    const gone = (name: string) => ({ name, $patch: "delete" });
    expect(withoutPatch(WORKER, now)).toStrictEqual({
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: "worker",
                env: [
                  ...[
                    "NOETL_FLIGHT_TLS_CERT",
                    "NOETL_FLIGHT_TLS_KEY",
                    "NOETL_FLIGHT_CLIENT_CA",
                    "NOETL_FLIGHT_BEARER_TOKENS",
                    "NOETL_FLIGHT_BEARER_TOKEN",
                  ].map(gone),
                  keychain("MAIL"),
                ],
                volumeMounts: [{ mountPath: "/etc/noetl/flight", $patch: "delete" }],
              },
            ],
            volumes: [gone("noetl-verify-flight")],
          },
        },
      },
    });
    const alone = deployment("worker", [keychain("NOETL_FLIGHT_BEARER_TOKEN")], [{ name: "noetl-verify-flight" }]);
    expect(JSON.stringify(withoutPatch(WORKER, alone))).toContain(JSON.stringify(gone("NOETL_KEYCHAIN_ENV_VARS")));
  });
});
