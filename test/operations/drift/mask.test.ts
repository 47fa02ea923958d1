import { expect, test } from "@jest/globals";
import { masked } from "../../../operations/drift/mask";
import type { Json } from "../../../preview/graph";

const CANARY = "canary";
const FINGERPRINT = expect.stringMatching(/^fingerprint [0-9a-f]{8}$/);

const custom = (spec: Json): Json => ({ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", spec });
const builtIn = (spec: Json): Json => ({ apiVersion: "apps/v1", kind: "Deployment", spec });

test.each<[string, Json]>([
  ["a key that sounds like a secret", { auth: { apiKey: CANARY } }],
  ["a list below one", { passwords: [CANARY] }],
  ["an item that is named like one", { options: [{ name: "sasl-password", value: CANARY }] }],
  ["a webhook", { receivers: [{ slackWebhook: CANARY }] }],
])("given a custom resource with %s, then only a fingerprint is left of it", (_, spec) => {
  const shown = masked(custom(spec), custom({}));

  expect(JSON.stringify(shown)).not.toContain(CANARY);
  expect(JSON.stringify(shown)).toMatch(/"fingerprint [0-9a-f]{8}"/);
});

test.each<[string, (spec: Json) => Json, string]>([
  ["a custom resource", custom, `nats://admin:${CANARY}@nats:4222`],
  ["an object of Kubernetes", builtIn, `admin:${CANARY}@nats:8222`],
  ["an object of Kubernetes", builtIn, `-----BEGIN EC PRIVATE KEY-----\n${CANARY}`],
])("given %s with a value that shows what it is, then only a fingerprint is left of it", (_, object, value) => {
  expect(masked(object({ endpoint: value }), object({ endpoint: "nats:8222" }))).toEqual(
    object({ endpoint: FINGERPRINT as unknown as string }),
  );
});

test("given what only refers to a secret, or is none, then it stays, so that the change is seen", () => {
  const live = custom({
    secretName: "other",
    authenticationRef: { name: "x" },
    lagThreshold: "10",
    image: "a@sha256:12",
  });
  expect(masked(live, custom({}))).toEqual(live);
});

test("given what the program has itself, then it stays", () => {
  const live = custom({ token: "of the program" });
  expect(masked(live, live)).toEqual(live);
});
