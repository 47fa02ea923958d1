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

  const LONGEST = `${"n".repeat(51)}.example.com`;
  const ingress = (host: string) =>
    `noetl:gateway: {}\nnoetl:gcp: { project: noetl-production, region: us-central1, ingress: { host: "${host}" } }`;

  test.each(["noetl.example.com", "a.io", "1.x--n.example.co", LONGEST])("given host %s, then it is taken", (host) => {
    expect(problemsOf(stackText(ingress(host)))).toEqual([]);
  });

  test.each([
    ["an IP address", "203.0.113.7"],
    ["an IPv6 address", "2001:db8::1"],
    ["a wildcard", "*.example.com"],
    ["a name without a dot", "noetl"],
    ["a point at the end", "noetl.example.com."],
    ["an empty label", "noetl..example.com"],
    ["a label that ends with '-'", "noetl-.example.com"],
    ["64 characters", `n${LONGEST}`, `${"n".repeat(52)}.exampl…`],
    ["capital letters", "NoETL.example.com", "NoETL.example.com", "noetl.example.com"],
  ])("given %s as host, then no managed certificate can be of it", (_, host, shown = host, suggestion = "") => {
    expect(problemsOf(stackText(ingress(host)))).toEqual([
      problem("6:81", "noetl:gcp.ingress.host", `"${shown}" is not a DNS name`, {
        allowed:
          "a DNS name of at most 63 lower-case letters, digits, '-' and '.', such as noetl.example.com; no IP address, no wildcard",
        ...(suggestion !== "" && { suggestion }),
      }),
    ]);
  });
});
