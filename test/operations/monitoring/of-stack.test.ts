import { describe, expect, test } from "@jest/globals";
import { type Choice, choiceOf, DEFAULT_LIMITS } from "../../../operations/monitoring/of-stack";
import { configOf, stackText } from "../../stacks/config/support";

const GOOGLE = configOf(
  stackText("noetl:gcp: { project: acme-test, region: us-central1, cluster: { mode: existing, name: blue } }"),
);

describe("what a stack adds to what an operator chose", () => {
  test.each<[string, Choice, Choice]>([
    ["nothing: project and cluster", { label: {} }, { project: "acme-test", label: { cluster: "blue" } }],
    ["a project: the cluster", { project: "acme-all", label: {} }, { project: "acme-all", label: { cluster: "blue" } }],
    [
      "a cluster: the project",
      { label: { cluster: "~.+", location: "b" } },
      { project: "acme-test", label: { cluster: "~.+", location: "b" } },
    ],
    ["a URL: nothing", { url: "http://x", label: {} }, { url: "http://x", label: {} }],
  ])("given %s", (_, chosen, all) => {
    expect(choiceOf(chosen, GOOGLE)).toStrictEqual(all);
  });

  test("given a stack that is nowhere on Google Cloud: nothing", () => {
    expect(choiceOf({ label: { a: "b" } }, configOf(stackText("noetl:keda: {}")))).toStrictEqual({ label: { a: "b" } });
  });

  test("given no stack, 200 events may wait, as with a stack that says nothing of it", () => {
    expect(DEFAULT_LIMITS.backlogWarning).toBe(200);
    expect(GOOGLE.monitoring.thresholds).toStrictEqual(DEFAULT_LIMITS);
  });
});
