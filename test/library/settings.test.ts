import { RunError } from "@pulumi/pulumi/errors";
import { describe, expect, test } from "@jest/globals";
import { sectionOf, settingsOf } from "../../library/settings";

const LEAST = { profile: "kind", cluster: { context: "kind-noetl" }, postgres: { mode: "inCluster" } };

/** The message of the error that Pulumi prints without a trace. */
function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof RunError) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("the settings of a component", () => {
  test("given the least, defaults complete it", () => {
    const { server, nats } = settingsOf("Platform noetl", LEAST);

    expect([server.name, nats.storage]).toEqual(["noetl-server-rust", "8Gi"]);
  });

  test("given several mistakes, all are told, with the component", () => {
    expect(
      refusal(() => settingsOf("Platform noetl", { ...LEAST, profile: "kint", cluster: { contxt: "kind-noetl" } })),
    ).toBe(
      [
        "Platform noetl: 2 problems",
        "",
        '  noetl:profile: "kint" is none of the choices',
        "  allowed: kind, gke",
        "  did you mean: kind",
        "",
        "  noetl:cluster.contxt: unknown key",
        "  allowed: context, nodes",
        "  did you mean: context",
      ].join("\n"),
    );
  });

  test("given a secret, it may stand in plain text where a secret belongs", () => {
    const { secrets } = settingsOf("Platform noetl", { ...LEAST, secrets: { natsPassword: "s3cret" } });

    expect(secrets.natsPassword).toBe("s3cret");
  });

  test("given one section, the others are no concern, and what is undefined was not given", () => {
    const nats = sectionOf("NatsCluster events", "nats", { replicas: 3, storage: undefined });

    expect([nats.replicas, nats.storage]).toEqual([3, "8Gi"]);
  });

  test("given a mistake in a section, it is told with its place", () => {
    expect(refusal(() => sectionOf("NatsCluster events", "nats", { replicas: 2 }))).toContain(
      "NatsCluster events: 1 problem\n\n  noetl:nats.replicas: ",
    );
  });
});
