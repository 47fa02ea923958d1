import { gatewaysOwnName, namesOfOllama, noBypassInProduction, oneOllama } from "./gateway";
import { distinctDatabases, reservedConnections, separateRoles } from "./postgres";
import {
  gatewayResources,
  jetstreamMemory,
  natsResources,
  ollamaResources,
  postgresResources,
  serverResources,
  sharedBuffers,
  workerResources,
} from "./resources";
import type { Rule } from "./rule";
import {
  distinctScalers,
  fallbackBounds,
  fallbackNeedsPods,
  idleBelowMinimum,
  kedaNamespace,
  knownConsumers,
  oneWhoDecides,
  scalerNameLength,
  scalingBounds,
  thresholdWithinPending,
} from "./scaling";
import { externalPasswords, kubernetesToken, secretShapes, vaultToken } from "./secrets";
import { distinctNamespaces, poolBounds, shardIndex, shardPerReplica } from "./server";
import { databasesNeedShards, passwordInDsn, shardDatabaseNames, shardDsnCount, shardDsnShapes } from "./shards";
import { commandForEachPod, distinctExtras, duplicatesWithinAge, plainSubjects, streamsApart } from "./streams";
import {
  distinctNames,
  filterInStream,
  heartbeatInTime,
  notServersName,
  oneFilterPerConsumer,
  oneSubjectPerStream,
  reservedName,
} from "./worker-pools";

export type { Rule, RuleProblem } from "./rule";

/** Every rule between settings. */
export const RULES: readonly Rule[] = [
  poolBounds,
  shardIndex,
  shardPerReplica,
  databasesNeedShards,
  shardDatabaseNames,
  distinctNamespaces,
  distinctNames,
  notServersName,
  reservedName,
  filterInStream,
  oneFilterPerConsumer,
  oneSubjectPerStream,
  plainSubjects,
  streamsApart,
  duplicatesWithinAge,
  commandForEachPod,
  distinctExtras,
  heartbeatInTime,
  oneWhoDecides,
  scalingBounds,
  fallbackBounds,
  fallbackNeedsPods,
  idleBelowMinimum,
  scalerNameLength,
  distinctScalers,
  knownConsumers,
  thresholdWithinPending,
  kedaNamespace,
  reservedConnections,
  distinctDatabases,
  separateRoles,
  externalPasswords,
  vaultToken,
  kubernetesToken,
  secretShapes,
  shardDsnCount,
  shardDsnShapes,
  passwordInDsn,
  jetstreamMemory,
  sharedBuffers,
  natsResources,
  postgresResources,
  serverResources,
  workerResources,
  noBypassInProduction,
  gatewaysOwnName,
  namesOfOllama,
  oneOllama,
  gatewayResources,
  ollamaResources,
];
