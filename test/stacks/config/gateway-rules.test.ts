import { describe, expect, test } from "@jest/globals";
import { configOf, pool, problem, problemsOf, stackText } from "./support";

describe("gateway and Ollama bridge", () => {
  test("given neither key, when read, then there is neither", () => {
    const { gateway, ollamaBridge } = configOf(stackText(""));
    expect([gateway, ollamaBridge]).toEqual([undefined, undefined]);
  });

  test("given an empty gateway, when read, then it lets nobody in unasked and has the rigs' name", () => {
    expect(configOf(stackText("noetl:gateway: {}")).gateway).toMatchObject({
      name: "noetl-gateway",
      image: "ghcr.io/noetl/gateway:v3.4.0",
      replicas: 1,
      port: 8090,
      authBypass: false,
      pushIngress: false,
      corsOrigins: [],
    });
  });

  test.each([
    ["a backend", "noetl:ollamaBridge: { backend: {} }"],
    ["an Ollama elsewhere", "noetl:ollamaBridge: { ollamaUrl: http://ollama:11434 }"],
    ["a bypass where nobody depends on it", "noetl:gateway: { authBypass: true }"],
    ["a worker pool named like Ollama, without the bridge", `noetl:workerPools:\n${pool("ollama")}`],
  ])("given %s, when read, then nothing is wrong", (_, lines) => {
    expect(() => configOf(stackText(lines))).not.toThrow();
  });

  test.each([
    [
      "a bypass in production",
      "noetl:gateway: { authBypass: true }",
      { profile: "noetl:profile: gke" },
      problem(
        "5:32",
        "noetl:gateway.authBypass",
        "anybody could call the server through the gateway, and profile gke is production (line 2)",
        { allowed: "false" },
      ),
    ],
    [
      "a gateway named like the server",
      "noetl:gateway: { name: noetl-server-rust }",
      {},
      problem("5:26", "noetl:gateway.name", '"noetl-server-rust" is the name of server already (the default)', {
        allowed: "a name of its own",
      }),
    ],
    [
      "a gateway named like a worker pool",
      `noetl:gateway: { name: a }\nnoetl:workerPools:\n${pool("a")}`,
      {},
      problem("7:15", "noetl:workerPools[0].name", '"a" is the name of gateway already (line 5)', {
        allowed: "a name of its own",
      }),
    ],
    [
      "a gateway with the rights of the namespace's own account",
      "noetl:gateway: { name: default }",
      {},
      problem(
        "5:26",
        "noetl:gateway.name",
        '"default" is the name of the namespace\'s own ServiceAccount, which would get its rights',
        { allowed: "another name than default" },
      ),
    ],
    [
      "any origin",
      'noetl:gateway: { corsOrigins: ["*"] }',
      {},
      problem("5:34", "noetl:gateway.corsOrigins[0]", '"*" is not an origin', {
        allowed: "an origin such as https://noetl.example.com or http://localhost:3000, without a path; not *",
      }),
    ],
    [
      "a bridge to nowhere",
      "noetl:ollamaBridge: {}",
      {},
      problem("5:23", "noetl:ollamaBridge", "has no Ollama to ask", {
        allowed: "ollamaUrl with the URL of an Ollama, or backend: {} for one of the platform's own",
      }),
    ],
    [
      "a bridge to two",
      "noetl:ollamaBridge: { ollamaUrl: http://a, backend: {} }",
      {},
      problem("5:36", "noetl:ollamaBridge.ollamaUrl", "names another Ollama than ollamaBridge.backend", {
        allowed: "either ollamaUrl or backend",
      }),
    ],
    [
      "a worker pool named like the bridge",
      `noetl:ollamaBridge: { backend: {} }\nnoetl:workerPools:\n${pool("ollama-bridge")}`,
      {},
      problem("7:15", "noetl:workerPools[0].name", '"ollama-bridge" is the name of ollamaBridge already (line 5)', {
        allowed: "a name of its own",
      }),
    ],
  ])("given %s, when read, then it is told what and where", (_, lines, replaced, expected) => {
    expect(problemsOf(stackText(lines, replaced))).toEqual([expected]);
  });
});
