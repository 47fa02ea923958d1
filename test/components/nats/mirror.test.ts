import { expect, test } from "@jest/globals";
import { domainApi, mirrorConfig } from "../../../components/nats/mirror";

test("given a stream of another domain, when mirrored, then its API is that of the domain, and no subject is bound", () => {
  expect(domainApi("domain_a")).toBe("$JS.domain_a.API");
  expect(
    mirrorConfig({ name: "EVENTS_OF_A", stream: "EVENTS", domain: "domain_a", replicas: 3, storage: "file" }),
  ).toEqual({
    name: "EVENTS_OF_A",
    storage: "file",
    num_replicas: 3,
    mirror: { name: "EVENTS", external: { api: "$JS.domain_a.API", deliver: "" } },
  });
});
