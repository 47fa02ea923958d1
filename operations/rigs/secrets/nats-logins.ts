import { CLIENT_PORT } from "../../../components/nats/facts";
import { PASSWORDS_FILE } from "../../../components/nats/layout";
import { ConfSyntaxError, readConf } from "../../../preview/nats/conf-reader";
import { textOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import { natsPlan, type PlannedCluster } from "../../nats/plan";
import type { RigContext } from "../context";
import { connectNats } from "../nats";
import { platformNats } from "../platform-nats";
import type { Evidence } from "../rig";

/** A login that is tried. The password never leaves it. */
interface Login {
  /** Whose it is: `user noetl, as Secret noetl/noetl-nats has it`. */
  what: string;
  user: string;
  pass: string;
  accepted: boolean;
}

/** Users of NATS, by the variables that their passwords stand in. */
export function usersIn(conf: string): { user: string; pass: string }[] {
  return Object.entries(readConf(conf)).flatMap(([variable, value]) => {
    const [, user] = /^NATS_(\w+)_PASSWORD$/.exec(variable) ?? [];
    const pass = textOf(value);
    return user === undefined || pass === undefined ? [] : [{ user: user.toLowerCase(), pass }];
  });
}

/** Logs in to every cluster of NATS as every user of it, and once as nobody. */
export async function natsLogins(context: RigContext): Promise<Evidence[]> {
  const { platform } = context;
  const evidence: Evidence[] = [];
  for (const cluster of natsPlan(platform.graph, platform.config).clusters) {
    const logins = [...(await ownLogins(context, cluster)), ...(await clientLogins(context, cluster)), NOBODY];
    for (const login of logins) evidence.push(await tryLogin(context, cluster, login));
  }
  return evidence;
}

const NOBODY: Login = {
  what: "user noetl with another password",
  user: "noetl",
  pass: "not-the-password",
  accepted: false,
};

/** As the servers themselves know their users. */
async function ownLogins({ reach }: RigContext, { namespace, statefulSet }: PlannedCluster): Promise<Login[]> {
  const name = `${statefulSet}-auth`;
  const conf = await reach.secret({ namespace, name, key: PASSWORDS_FILE });
  try {
    return usersIn(conf).map(({ user, pass }) => ({
      what: `user ${user}, as Secret ${namespace}/${name} has it`,
      user,
      pass,
      accepted: true,
    }));
  } catch (error) {
    // What it says names lines, and quotes nothing but single characters.
    if (error instanceof ConfSyntaxError)
      throw new UserError(`Secret ${namespace}/${name}: ${PASSWORDS_FILE}, line ${error.line}`, { cause: error });
    throw error;
  }
}

/** As the platform's pods have their login: the password, and the URL that has it inside. */
async function clientLogins(
  { reach, platform }: RigContext,
  { namespace, statefulSet }: PlannedCluster,
): Promise<Login[]> {
  const place = { namespace: platform.namespace, name: "noetl-nats" };
  const pass = await reach.secret({ ...place, key: "NATS_PASSWORD" });
  const { user } = platformNats(platform);
  const first = { what: `user ${user}, as Secret ${place.namespace}/${place.name} has it`, user, pass, accepted: true };
  if (namespace !== "nats" || statefulSet !== "nats") return [first];
  const url = new URL(await reach.secret({ ...place, key: "NOETL_NATS_URL" }));
  const inUrl = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return [first, { what: `user ${inUrl.user}, as NOETL_NATS_URL of that Secret has it`, ...inUrl, accepted: true }];
}

async function tryLogin({ reach, platform }: RigContext, cluster: PlannedCluster, login: Login): Promise<Evidence> {
  const { namespace, statefulSet } = cluster;
  const forward = await reach.forward({ kind: "Service", name: statefulSet, namespace, port: CLIENT_PORT });
  const { tls } = statefulSet === "nats" ? platformNats(platform) : {};
  const trusted = tls && { ca: await reach.secret(tls.roots), servername: tls.servername };
  const where = `NATS ${namespace}/${statefulSet}`;
  let seen = "logs in";
  try {
    const nats = await connectNats(forward, { user: login.user, pass: login.pass }, where, trusted);
    await nats.close();
  } catch (error) {
    seen = `is refused: ${(error as Error).message.replace(`${where}: `, "")}`;
  }
  const expected = login.accepted ? "logs in" : "is refused";
  return { what: `${where}: ${login.what}`, expected, seen, ok: seen.startsWith(expected) };
}
