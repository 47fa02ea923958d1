import { shardFunction } from "../../../components/noetl/shard";
import { UserError } from "../../../stacks/errors";
import type { RigContext } from "../context";
import { compareShards } from "../drift";
import { playbookOf } from "../fixtures/playbook";
import { heartbeat } from "../fixtures/heartbeat";
import { gatewayNeeds, gatewayOf, serverNeeds } from "../needs";
import type { Platform } from "../platform";
import type { Need, Rig } from "../rig";
import {
  databasesOf,
  expectResidence,
  expectSharded,
  makeDatabases,
  makeSchemas,
  makeSecret,
  SECRET,
  type ShardedPostgres,
  SHARDS,
  shardServer,
} from "../shards";

/** Executions that are started, and how many must be at least. */
const EXECUTIONS = 10;
const ENOUGH = 2;

/** The server brings each execution to the database of its shard. */
export const shardRoutingN2: Rig = {
  name: "shard-routing-n2",
  summary: "the server brings each execution to the database of its shard",
  proves: [
    `with ${SHARDS} shards, the events of each of ${EXECUTIONS} executions are in the database of the shard that the platform's own function and the server name, and in no other`,
    "the sharded server and the gateway still agree on the 30 pairs of shard-drift-guard",
  ],
  changes: [
    `databases ${[...databasesOf().shards, databasesOf().cluster].join(", ")} on the platform's instance, with its schema; one that is there already stays`,
    `Secret ${SECRET} with their DSNs`,
    "environment of the server, which restarts twice; while it is sharded, executions begun before are out of its sight",
  ],
  needs: (platform): Need[] => [...serverNeeds(platform), ...gatewayNeeds(platform), ...databaseNeeds(platform)],
  steps: (platform) => {
    const gateway = gatewayOf(platform);
    const postgres = (): ShardedPostgres => {
      if (platform.postgres === undefined) throw new UserError("the database is not in this cluster");
      return platform.postgres;
    };
    const executions: bigint[] = [];
    return [
      { phase: "apply", title: "databases of two shards", run: (context) => makeDatabases(context, postgres()) },
      { phase: "apply", title: "schema in each of them", run: (context) => makeSchemas(context, postgres()) },
      { phase: "apply", title: "Secret with their DSNs", run: (context) => makeSecret(context, platform, postgres()) },
      { phase: "wait", title: "server with two shards", run: (context) => shardServer(context, platform) },
      {
        phase: "run",
        title: `${EXECUTIONS} executions`,
        run: async (context) => {
          executions.push(...(await execute(context)));
        },
      },
      { phase: "assert", title: "the server knows that it is sharded", run: expectSharded },
      {
        phase: "assert",
        title: "each execution is on its shard",
        run: async (context) => {
          const shardOf = await shardFunction();
          for (const execution of executions) await expectResidence(context, postgres(), execution, shardOf);
        },
      },
      { phase: "assert", title: "30 pairs of id and count", run: (context) => compareShards(context, gateway) },
    ];
  },
};

function databaseNeeds({ postgres, config }: Platform): Need[] {
  if (postgres === undefined)
    return [{ unmet: "the stack's database is not in this cluster: noetl:postgres.mode is not inCluster" }];
  const { namespace, name } = postgres.admin.endpoint;
  const secrets = [postgres.admin.password, postgres.own.password];
  return [
    { object: { apiVersion: "apps/v1", kind: "StatefulSet", name, namespace } },
    { object: { apiVersion: "v1", kind: "Service", name, namespace } },
    ...[...new Set(secrets.map((secret) => secret.name))].map((secret) => ({
      object: { apiVersion: "v1", kind: "Secret", name: secret, namespace },
    })),
    ...(config.server.shards.databases === "perShard" ? [{ unmet: "the stack's server is sharded already" }] : []),
    ...(config.server.replicas > 1
      ? [{ unmet: `the stack runs ${config.server.replicas} servers, and this rig shards one` }]
      : []),
  ];
}

/** Some may be refused, as long as there is something to look at. */
async function execute(context: RigContext): Promise<bigint[]> {
  const playbook = playbookOf(heartbeat);
  await context.noetl.register(playbook);
  const ids: bigint[] = [];
  for (let number = 0; number < EXECUTIONS; number++) {
    try {
      ids.push(await context.noetl.execute(playbook.path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      context.note(error.message);
    }
  }
  context.expect(`executions started of ${EXECUTIONS}`, `at least ${ENOUGH}`, ids.length, ids.length >= ENOUGH);
  return ids;
}
