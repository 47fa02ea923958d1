import { at, isObject, listOf, numberOf, textOf, type JsonObject } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import type { RigContext } from "../context";
import { type ObjectRef, refOf } from "../objects";
import { isReady } from "../reach";
import type { Evidence } from "../rig";
import { type SqlServer, withDatabase } from "../sql";
import { dumpJob, proxyPod } from "./pods";
import { tableEvidence, tableSums } from "./tables";

/** Most bytes of a database that is restored beside itself. */
const MOST = 2 * 1024 ** 3;
/** How long a dump and its restore may take, and a pod until it is ready, in seconds. */
const RESTORED = 1800;
const READY = 180;

/**
 * Dumps a database as of one moment, restores the dump into another one beside it, and compares every table with what it
 * was at that moment; whatever others write meanwhile changes nothing of it.
 *
 * @param name of everything that is made
 */
export async function databaseBackup(
  context: RigContext,
  server: SqlServer,
  { database, name }: { database: string; name: string },
): Promise<Evidence[]> {
  const scratch = name.replaceAll("-", "_");
  return withDatabase(context.reach, server, database, async (session) => {
    const [size] = await session.query("SELECT pg_database_size(current_database())::text AS bytes");
    const bytes = Number(size?.bytes);
    if (bytes > MOST)
      throw new UserError(`database ${database} has ${bytes} bytes; a rig restores at most ${MOST} beside it`);
    // The moment lasts as long as the transaction, which does nothing for most of the time.
    await session.query("SET idle_in_transaction_session_timeout = 0");
    await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const [exported] = await session.query("SELECT pg_export_snapshot() AS snapshot");
    const dumped = await tableSums(session);
    if (!(await context.change.createDatabase(server, scratch, server.user)))
      throw new UserError(`database ${scratch} is there already, and not this run's`);
    const job = dumpJob(context.platform, name, { source: database, scratch, snapshot: String(exported?.snapshot) });
    await finished(context, refOf(await context.change.create(job)));
    const restored = await withDatabase(context.reach, server, scratch, tableSums);
    return tableEvidence(database, dumped, restored);
  });
}

/** Opens a way to an instance that only the pods with its proxy reach. @returns the instance by that way */
export async function byProxy(
  context: RigContext,
  name: string,
  login: Omit<SqlServer, "endpoint">,
): Promise<SqlServer> {
  const pod = proxyPod(context.platform, name);
  const ref = refOf(await context.change.create(pod));
  await context.waitFor({ what: `Pod ${ref.namespace ?? ""}/${name} to be ready`, seconds: READY }, async (tell) => {
    const now = await context.reach.mustRead(ref);
    tell(textOf(at(now, "status", "phase")) ?? "");
    return isReady(now) ? true : undefined;
  });
  const port = proxyPort(pod);
  return { ...login, endpoint: { kind: "Pod", name, namespace: ref.namespace ?? "", port } };
}

/** The port that the pod itself connects to. */
function proxyPort(pod: JsonObject): number {
  const [main] = listOf(at(pod, "spec", "containers")).filter(isObject);
  const variable = listOf(main?.env).find((each) => at(each, "name") === "PGPORT");
  return Number(textOf(at(variable, "value")) ?? "5432");
}

async function finished(context: RigContext, ref: ObjectRef): Promise<void> {
  await context.waitFor(
    { what: `Job ${ref.namespace ?? ""}/${ref.name} to restore its dump`, seconds: RESTORED },
    async (tell) => {
      const job = await context.reach.mustRead(ref);
      const failed = numberOf(at(job, "status", "failed")) ?? 0;
      tell(`${numberOf(at(job, "status", "active")) ?? 0} pods run, ${failed} failed`);
      const conditions = listOf(at(job, "status", "conditions")).filter(isObject);
      if (conditions.some(({ type, status }) => type === "Complete" && status === "True")) return true;
      const failure = conditions.find(({ type, status }) => type === "Failed" && status === "True");
      if (failure === undefined) return undefined;
      throw new UserError(
        `Job ${ref.namespace ?? ""}/${ref.name} has failed: ${textOf(failure.message) ?? "without a reason"}${await lastWords(context, ref)}`,
      );
    },
  );
}

/** What its pod said last: messages of pg_dump and pg_restore, which hold no rows and no passwords. */
async function lastWords({ reach }: RigContext, { namespace = "", name }: ObjectRef): Promise<string> {
  const [pod] = await reach.pods(namespace, { "job-name": name });
  const podName = textOf(at(pod, "metadata", "name"));
  if (podName === undefined) return "";
  const { status, text } = await reach.api.send(
    "GET",
    `/api/v1/namespaces/${namespace}/pods/${podName}/log?tailLines=5`,
  );
  return status === 200 && text.trim() !== "" ? `\n${text.trim()}` : "";
}
