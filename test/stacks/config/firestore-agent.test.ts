import { describe, expect, test } from "@jest/globals";
import { configOf, pool, problem, problemsOf, stackText } from "./support";

const IMAGE = "image: registry.example.com/agent:1.0.0";
const GCP = "noetl:gcp: { project: noetl-production, region: us-central1, firestore: true }\n";

describe("Firestore agent", () => {
  test("given no key, there is none", () => {
    expect(configOf(stackText("")).firestoreAgent).toBeUndefined();
  });

  test("given an image, the rest has defaults", () => {
    expect(configOf(stackText(`${GCP}noetl:firestoreAgent: { ${IMAGE} }`)).firestoreAgent).toEqual({
      image: "registry.example.com/agent:1.0.0",
      replicas: 2,
      port: 8780,
      logLevel: "INFO",
      database: "(default)",
      create: true,
      pointInTimeRecovery: true,
      indexes: [],
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    });
  });

  test.each([
    ["a multi-region", "location: eur3"],
    ["a region", "location: europe-west4"],
    ["a database of its own", "database: trips, create: false"],
    ["an index", "indexes: [{ collection: stops, fields: [{ path: a }, { path: b, order: contains }] }]"],
  ])("given %s, takes it", (_, more) => {
    expect(problemsOf(stackText(`${GCP}noetl:firestoreAgent: { ${IMAGE}, ${more} }`))).toEqual([]);
  });

  test.each([
    [
      "no project",
      `noetl:firestoreAgent: { ${IMAGE} }`,
      problem("5:25", "noetl:firestoreAgent", "has no Google Cloud project to have its database in", {
        allowed: "firestoreAgent beside gcp",
        next: "set gcp.project and gcp.region",
      }),
    ],
    [
      "an API that is off",
      `noetl:gcp: { project: noetl-production, region: us-central1 }\nnoetl:firestoreAgent: { ${IMAGE} }`,
      problem("5:3", "noetl:gcp.firestore", "firestoreAgent calls an API that is off (line 6)", {
        allowed: "true, where there is a firestoreAgent",
        next: "set gcp.firestore to true here and in the stack of the infrastructure layer, and deploy that first",
      }),
    ],
    [
      "an unknown location",
      `${GCP}noetl:firestoreAgent: { ${IMAGE}, location: nam6 }`,
      problem("6:78", "noetl:firestoreAgent.location", '"nam6" is not a Firestore location', {
        allowed: "nam5, eur3, or a region of Google Cloud such as us-central1 or europe-west4",
        suggestion: "nam5",
      }),
    ],
    [
      "a database's name that is too short",
      `${GCP}noetl:firestoreAgent: { ${IMAGE}, database: abc }`,
      problem("6:78", "noetl:firestoreAgent.database", '"abc" is not a Firestore database', {
        allowed:
          "(default), or 4 to 63 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
      }),
    ],
    [
      "the index that is there already",
      `${GCP}noetl:firestoreAgent: { ${IMAGE}, indexes: [{ collection: events, fields: [{ path: type }, { path: seq }] }] }`,
      problem("6:78", "noetl:firestoreAgent.indexes[0]", "is the index that the agent brings along", {
        allowed: "another index",
      }),
    ],
    [
      "an index twice",
      `${GCP}noetl:firestoreAgent:\n  ${IMAGE}\n  indexes:\n${"    - { collection: a, fields: [{ path: x }, { path: y }] }\n".repeat(2)}`,
      problem("10:9", "noetl:firestoreAgent.indexes[1]", "is the same index as firestoreAgent.indexes[0] (line 9)", {
        allowed: "another index",
      }),
    ],
    [
      "more requested than allowed",
      `${GCP}noetl:firestoreAgent: { ${IMAGE}, resources: { requests: { memory: 1Gi } } }`,
      problem(
        "6:101",
        "noetl:firestoreAgent.resources.requests.memory",
        "1Gi is requested, more than the limit of 512Mi (the default)",
        { allowed: "at most 512Mi" },
      ),
    ],
    [
      "a worker pool of its name",
      `${GCP}noetl:firestoreAgent: { ${IMAGE} }\nnoetl:workerPools:\n${pool("firestore-agent")}`,
      problem("8:15", "noetl:workerPools[0].name", '"firestore-agent" is the name of firestoreAgent already (line 6)', {
        allowed: "a name of its own",
      }),
    ],
  ])("given %s, when read, then it is refused", (_, lines, expected) => {
    expect(problemsOf(stackText(lines))).toEqual([expected]);
  });
});
