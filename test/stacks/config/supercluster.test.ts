import { describe, expect, test } from "@jest/globals";
import { problem, problemsOf, stackText } from "./support";

const SHORT_NAME = "1 to 30 lower-case letters, digits and '-', beginning with a letter, not ending with '-'";
const SIZE = "1, 3 or 5: an even number would survive no more losses than the odd one below it";
const TOPOLOGIES = "none, reference, quorum, independent";

/** Problems of a supercluster on line 5: topology on line 6, clusters from line 8 on. */
function found(topology: string, ...clusters: string[]) {
  const lines = clusters.map((cluster) => `    - ${cluster}`);
  return problemsOf(stackText(["noetl:natsSupercluster:", topology, "  clusters:", ...lines].join("\n")));
}

describe("settings of a supercluster", () => {
  test("given names with dots and blanks, and even sizes, when read, then all are refused at once", () => {
    expect(
      found(
        "  topology: reference",
        "{ name: a.b, region: us east, replicas: 2 }",
        "{ name: 'a b', region: us-west-2, domain: a.b, replicas: 4 }",
      ),
    ).toEqual([
      problem("8:17", "noetl:natsSupercluster.clusters[0].name", '"a.b" is not a short name', {
        allowed: SHORT_NAME,
      }),
      problem("8:30", "noetl:natsSupercluster.clusters[0].region", '"us east" is not a short name', {
        allowed: SHORT_NAME,
        suggestion: "us-east",
      }),
      problem("8:49", "noetl:natsSupercluster.clusters[0].replicas", "2 is not an odd number", { allowed: SIZE }),
      problem("9:17", "noetl:natsSupercluster.clusters[1].name", '"a b" is not a short name', {
        allowed: SHORT_NAME,
        suggestion: "a-b",
      }),
      problem("9:51", "noetl:natsSupercluster.clusters[1].domain", '"a.b" is not a NATS name', {
        allowed: "1 to 64 letters, digits, '_' and '-'",
      }),
      problem("9:66", "noetl:natsSupercluster.clusters[1].replicas", "4 is not an odd number", { allowed: SIZE }),
    ]);
  });

  test("given no topology, when read, then it is asked for: there is no default", () => {
    expect(found("  tenant: default", "{ name: a, region: r }")).toEqual([
      problem("5:3", "noetl:natsSupercluster.topology", "is missing", { allowed: TOPOLOGIES }),
    ]);
  });

  test.each([
    ["reference", "hub: a", "hub"],
    ["reference", "leafnodePort: 7422", "leafnodePort"],
    ["quorum", "localSubjects: []", "localSubjects"],
    ["independent", "gatewayPort: 7222", "gatewayPort"],
  ])("given %s with `%s`, when read, then it is told to be another topology's", (topology, setting, key) => {
    const problems = found(`  topology: ${topology}\n  ${setting}`, "{ name: a, region: r }");
    expect(problems.map(({ path }) => path)).toEqual([`noetl:natsSupercluster.${key}`]);
  });
});
