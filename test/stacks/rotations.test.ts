import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../preview/graph";
import { renderStack } from "../../preview/render";
import { workloadsOf } from "../../preview/workloads";
import { readStackFile } from "../../stacks/config/stack-file";
import type { SecretsConfig } from "../../stacks/schema";

async function rendered(rotations: SecretsConfig["rotations"]): Promise<ResourceGraph> {
  const { config, ...settings } = readStackFile("Pulumi.gke.yaml");
  return renderStack({ ...settings, config: { ...config, secrets: { ...config.secrets, rotations } } });
}

const WORKERS = ["noetl-worker-rust", "noetl-worker-rust-subscription-pool", "noetl-worker-system-pool"];

/** What each secret's replacement restarts in the stack gke, by its annotation. */
const RESTARTED: Record<string, string[]> = {
  encryptionKey: ["noetl-server-rust"],
  internalApiToken: ["noetl-server-rust", "noetl-worker-system-pool"],
  noetlPassword: ["noetl-server-rust", "pgbouncer"],
  natsPassword: ["noetl-gateway", "noetl-server-rust", ...WORKERS],
  // Read from files, by a reloader; or once, by an empty volume.
  natsSystemPassword: [],
  natsClusterPassword: [],
  natsSupercluster: [],
  postgresPassword: [],
};

describe("a replaced secret", () => {
  let before: Map<string, string>;
  const templates = (graph: ResourceGraph): Map<string, string> =>
    new Map(workloadsOf(graph).map(({ kind, name, manifest }) => [`${kind} ${name}`, JSON.stringify(manifest.spec)]));

  beforeAll(async () => {
    before = templates(await rendered({}));
  });

  test.each(Object.entries(RESTARTED))(
    "%s restarts exactly those that read it at their start",
    async (name, wanted) => {
      const graph = await rendered({ [name]: 2 });

      const changed = workloadsOf(graph).filter(({ kind, name: of, manifest }) => {
        return before.get(`${kind} ${of}`) !== JSON.stringify(manifest.spec);
      });
      expect(changed.map(({ name: of }) => of).sort()).toStrictEqual([...wanted].sort());
      expect(changed.map(({ podAnnotations }) => podAnnotations["noetl.io/secret-rotations"])).toStrictEqual(
        changed.map(() => `${name}=2`),
      );
    },
  );

  test("is generated anew, and no other", async () => {
    const kept = (await rendered({ natsPassword: 0 })).resources.filter(({ type }) => type.startsWith("random:"));
    const now = (await rendered({ natsPassword: 3 })).resources.filter(({ type }) => type.startsWith("random:"));

    expect(kept.flatMap(({ name, inputs }) => (inputs.keepers === undefined ? [] : [name]))).toStrictEqual([
      "noetl-schema-passwords",
      "pgbouncer-users",
    ]);
    expect(
      now.filter(
        ({ urn, inputs }) => JSON.stringify(kept.find((one) => one.urn === urn)?.inputs) !== JSON.stringify(inputs),
      ),
    ).toMatchObject([{ name: "nats-password", inputs: { keepers: { rotation: "3" } } }]);
  });

  test("of several, each count stands in the annotation of those that read it", async () => {
    const graph = await rendered({ natsPassword: 1, internalApiToken: 4, noetlPassword: 2 });
    const annotations = Object.fromEntries(
      workloadsOf(graph).map(({ name, podAnnotations }) => [name, podAnnotations["noetl.io/secret-rotations"]]),
    );
    expect(annotations).toMatchObject({
      "noetl-server-rust": "internalApiToken=4,natsPassword=1,noetlPassword=2",
      "noetl-worker-system-pool": "internalApiToken=4,natsPassword=1",
      "noetl-worker-rust": "natsPassword=1",
      nats: undefined,
      pgbouncer: "noetlPassword=2",
    });
  });
});
