import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { join } from "node:path";
import type { ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { readStackFile } from "../../../stacks/config/stack-file";
import { describeUnless } from "../stacks/requirements";
import { processesWith } from "../support/processes";
import { type Engine, startEngine } from "./engine";
import { failureOf, type OpenStack, type Setting } from "./open-stack";
import { shortUrn } from "./plan";
import { engineImpossible } from "./requirements";

/*
 * The infrastructure layer under the real Pulumi CLI. Google Cloud is a plugin that keeps what it is told, unless the
 * published one is on this machine; not proved here: what Google makes of it.
 */

/** One change of the stack file, and exactly what it is to do. */
const EDITS: { what: string; settings: Record<string, Setting>; plan: string[] }[] = [
  {
    what: "a larger machine for the database",
    settings: { "noetl:postgres.tier": "db-custom-4-15360" },
    plan: ["update gcp:sql/databaseInstance:DatabaseInstance::database: settings.tier"],
  },
  {
    what: "another release channel",
    settings: { "noetl:gcp.cluster.releaseChannel": "STABLE" },
    plan: ["update gcp:container/cluster:Cluster::cluster: releaseChannel.channel"],
  },
  {
    what: "the Firestore agent",
    settings: { "noetl:gcp.firestore": true },
    plan: ["create gcp:projects/service:Service::firestore"],
  },
  {
    what: "no way out for nodes",
    settings: { "noetl:gcp.network.nat": false },
    plan: ["delete gcp:compute/router:Router::network", "delete gcp:compute/routerNat:RouterNat::network"],
  },
  {
    what: "a disk that is larger at first, which it has outgrown by itself",
    settings: { "noetl:postgres.diskSize": 60 },
    plan: [],
  },
];

const KEPT = ["cluster", "database", "gateway-address", "registry"];

/** A resource in the state. */
interface Recorded {
  urn: string;
  type: string;
  custom?: boolean;
  inputs?: Record<string, unknown>;
  protect?: boolean;
}

describeUnless(engineImpossible(), "the Pulumi engine, given the stack gke-base and an empty project", () => {
  let engine: Engine;
  let stack: OpenStack;
  let graph: ResourceGraph;

  beforeAll(async () => {
    engine = await startEngine({ plugins: ["gcp"] });
    stack = await engine.open({ stack: "gke-base", kubeconfig: join(engine.folder, "none") });
    graph = await renderStack(readStackFile(stack.file));
  });

  afterAll(async () => {
    await (engine as Engine | undefined)?.stop();
  });

  const state = async (): Promise<Recorded[]> => {
    const { deployment } = JSON.parse(await stack.exported()) as { deployment: { resources?: Recorded[] } };
    return (deployment.resources ?? []).filter(({ type }) => type.startsWith("gcp:"));
  };
  const ofGoogle = () => graph.resources.filter(({ type }) => type.startsWith("gcp:"));

  it("previews to create what the offline preview shows, and nothing else", async () => {
    const { created, changes } = await stack.preview();

    expect(created).toEqual(graph.resources.map(({ urn }) => urn).sort());
    expect(changes).toEqual({ create: graph.resources.length });
  });

  it("creates it: each resource with the inputs of the offline preview", async () => {
    const { changes } = await stack.up();

    expect(changes).toEqual({ create: graph.resources.length });
    const inputs = (list: { urn: string; inputs?: object }[]) =>
      Object.fromEntries(list.map(({ urn, inputs }) => [shortUrn(urn), withoutMarks(inputs)]));
    expect(inputs(await state())).toEqual(inputs(ofGoogle()));
  });

  it("tells the platform's stack what it needs", async () => {
    expect(await stack.outputs()).toEqual({
      project: "noetl-production",
      region: "us-central1",
      clusterContext: "gke_noetl-production_us-central1_noetl-cluster",
      cloudSqlInstance: "noetl-production:us-central1:noetl-shared-pg",
      registry: "us-central1-docker.pkg.dev/noetl-production/noetl",
      gatewayAddress: "noetl-gateway",
    });
  });

  it("has no secret, so that its state can be read by everybody who may see the project", async () => {
    const said = (await state()).map(({ inputs }) => inputs);
    expect(JSON.stringify(said)).not.toMatch(/ciphertext|password/i);
  });

  it("changes nothing when nothing is edited", async () => {
    const { changes, plan } = await stack.up();

    expect({ changes, plan }).toEqual({ changes: { same: graph.resources.length }, plan: [] });
  });

  it.each(EDITS)("previews exactly what an edit does: $what", async ({ settings, plan }) => {
    const undo = stack.edit(settings);
    const preview = await stack.preview();
    undo();

    expect(preview.plan).toEqual(plan);
  });

  it("refuses to be destroyed, and everything that has data is still there", async () => {
    const { errors } = await failureOf(stack.destroy());

    const left = await state();
    const kept = left.filter(({ protect }) => protect === true).map(({ urn }) => urn.split("::").at(-1) ?? "");
    expect(kept.sort()).toEqual(KEPT);
    expect(errors.join("\n")).toMatch(/::(cluster|database|gateway-address|registry)" cannot be deleted/);
  });

  it("leaves nothing in the state when somebody says that all of it may go", async () => {
    await stack.cli("state", "unprotect", "--all", "--yes");
    const { changes } = await stack.destroy();

    expect(Object.keys(changes)).toEqual(["delete"]);
    expect(await state()).toEqual([]);
    await stack.close();
    expect(processesWith(engine.folder)).toEqual([]);
  });
});

/** Inputs without what the SDK adds for itself. */
function withoutMarks(inputs: object = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => key !== "__defaults"));
}
