import { describe, expect, test } from "@jest/globals";
import { flowsOf } from "../../stacks/network/flows";
import { withProfile } from "../../stacks/profile";
import { configOf, stackText } from "./config/support";

const TOKEN = `tokens: [{ name: ann, role: admin, sha256: ${"ab".repeat(32)} }]`;

/** Who an orchestrator with these settings connects to, but for names. */
function flowsOfOrchestrator(more: string): string[] {
  const secrets = more === "" ? "" : "noetl:secrets: { surrealdbPassword: { secure: v1:a } }\n";
  const text = stackText(`${secrets}noetl:orchestrator: { image: registry.example.com/a:1, ${TOKEN}${more} }`);
  return flowsOf(withProfile(configOf(text)))
    .filter(({ from, reason }) => from.name === "orchestrator" && reason !== "names")
    .map(({ to, ports }) => `${to.name} ${ports.map(({ port }) => port).join()}`);
}

describe("the flows of an orchestrator", () => {
  test.each([
    ["a volume", "", []],
    [
      "a server in the cluster",
      ", surrealdb: { url: ws://surrealdb.surrealdb.svc:8000, username: a }",
      ["all in surrealdb 8000"],
    ],
    [
      "a server elsewhere, and several pods",
      ", replicas: 2, port: 8081, surrealdb: { url: wss://db.example.com, username: a }",
      ["db.example.com 443", "orchestrator 8081"],
    ],
  ])("given %s, when rendered, then it reaches that and no other", (_, more, expected) => {
    expect(flowsOfOrchestrator(more)).toEqual(expected);
  });
});
