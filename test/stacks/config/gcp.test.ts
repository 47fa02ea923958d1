import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

const PROJECT =
  "a project id: 6 to 30 lower-case letters, digits and '-', beginning with a letter, not ending with '-'";
const REGION = "a region of Google Cloud such as us-central1 or europe-west4";

describe("Google Cloud", () => {
  test("given no key, when read, then nothing is there", () => {
    expect(configOf(stackText("")).gcp).toBeUndefined();
  });

  test("given project and region, when read, then they are kept", () => {
    expect(configOf(stackText("noetl:gcp: { project: noetl-production, region: us-central1 }")).gcp).toMatchObject({
      project: "noetl-production",
      region: "us-central1",
    });
  });

  test.each([
    [
      "no project",
      "noetl:gcp: { region: us-central1 }",
      problem("5:3", "noetl:gcp.project", "is missing", { allowed: PROJECT }),
    ],
    [
      "a project's number",
      'noetl:gcp: { project: "123456789012", region: us-central1 }',
      problem("5:25", "noetl:gcp.project", '"123456789012" is not a project id', { allowed: PROJECT }),
    ],
    [
      "an unknown region",
      "noetl:gcp: { project: noetl-production, region: us-centrall }",
      problem("5:51", "noetl:gcp.region", '"us-centrall" is not a region', {
        allowed: REGION,
        suggestion: "us-central1",
      }),
    ],
    [
      "a zone in the place of a region",
      "noetl:gcp: { project: noetl-production, region: us-central1-a }",
      problem("5:51", "noetl:gcp.region", '"us-central1-a" is not a region', {
        allowed: REGION,
        suggestion: "us-central1",
      }),
    ],
  ])("given %s, when read, then it is refused", (_, lines, expected) => {
    expect(problemsOf(stackText(lines))).toEqual([expected]);
  });
});
