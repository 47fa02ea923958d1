import { quantityValue, type Quantity } from "../kubernetes/quantity";
import { NOETL_USER, SYSTEM_USER } from "./accounts";
import { CLUSTER_SIZES, clusterName, type NatsFacts } from "./facts";

/*
 * What is wrong with a whole NATS cluster. `nats-server -t` accepts nearly all of it, and the servers then end at their
 * start, never find a leader, or lose data when a disk is full.
 */

/** A DNS label that leaves room for what a StatefulSet adds. */
const NAME = /^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/;
/** What may stand in a subject between two dots. */
const TOKEN = /^[A-Za-z0-9_-]+$/;
/** What a variable of nats.conf can be named after. */
const USER = /^[a-z][a-z0-9_]*$/;

/** @throws Error with every problem of the facts, one a line. */
export function assertSound(facts: NatsFacts): void {
  const problems = problemsOf(facts);
  if (problems.length > 0) throw new Error(`NATS cluster '${facts.name}' cannot work:\n  ${problems.join("\n  ")}`);
}

/** Every problem: what is wrong, and what to write instead. */
export function problemsOf(facts: NatsFacts): string[] {
  return [
    ...sizeProblems(facts),
    ...nameProblems(facts),
    ...storeProblems(facts),
    ...accountProblems(facts),
    ...linkProblems(facts),
    ...portProblems(facts),
  ];
}

/** The text of a size problem; the schema says the same. */
function sizeProblem(replicas: number): string | undefined {
  if (CLUSTER_SIZES.some((size) => size === replicas)) return undefined;
  const sizes = CLUSTER_SIZES.join(", ");
  if (replicas > 0 && replicas % 2 === 0) {
    return `${replicas} servers survive no more losses than ${replicas - 1}: give ${sizes}`;
  }
  return `${replicas} servers are no cluster: give ${sizes}`;
}

function sizeProblems({ replicas }: NatsFacts): string[] {
  const problem = sizeProblem(replicas);
  return problem === undefined ? [] : [`replicas: ${problem}`];
}

function nameProblems(facts: NatsFacts): string[] {
  const { name, headless, jetstream } = facts;
  return [
    ...unless(
      NAME.test(name),
      `name: '${name}' is no name of a StatefulSet: lower-case letters, digits and '-', at most 52`,
    ),
    ...unless(headless === undefined || NAME.test(headless), `headless: '${headless ?? ""}' is no name of a Service`),
    ...unless(
      TOKEN.test(clusterName(facts)),
      `clusterName: '${clusterName(facts)}' may have letters, digits, '_' and '-' only`,
    ),
    ...unless(
      jetstream.domain === undefined || TOKEN.test(jetstream.domain),
      `jetstream.domain: '${jetstream.domain ?? ""}' may have letters, digits, '_' and '-' only: nats-server ends at its start`,
    ),
  ];
}

function storeProblems({ storage, jetstream, resources, maxPayload }: NatsFacts): string[] {
  return [
    ...atMost("jetstream.file", jetstream.file, "storage.size", storage.size),
    ...atMost("jetstream.memory", jetstream.memory, "resources.limits.memory", resources.limits.memory),
    ...atMost("maxPayload", maxPayload, "nats-server's max_pending", "64Mi"),
  ];
}

function accountProblems({ accounts = [], leafnodes }: NatsFacts): string[] {
  const names = [SYSTEM_USER.account, NOETL_USER.account, ...accounts.map(({ name }) => name)];
  const users = [SYSTEM_USER.user, NOETL_USER.user, ...accounts.flatMap((account) => account.users)];
  const used = [
    ...accounts.flatMap(({ name, imports = [] }) =>
      imports.map((item) => [
        `the imports of account '${name}'`,
        ("stream" in item ? item.stream : item.service).account,
      ]),
    ),
    ...(leafnodes?.remotes ?? []).map(({ name, account }) => [`leafnode remote '${name}'`, account]),
  ] as [string, string][];
  return [
    ...names
      .filter((name) => name !== SYSTEM_USER.account && !TOKEN.test(name))
      .map((name) => `accounts: '${name}' may have letters, digits, '_' and '-' only`),
    ...repeated(names).map((name) => `accounts: '${name}' is there twice`),
    ...users
      .filter((user) => !USER.test(user))
      .map((user) => `accounts: user '${user}' must be lower-case letters, digits and '_', a letter first`),
    ...repeated(users).map((user) => `accounts: user '${user}' is there twice, and a user has one account`),
    ...used
      .filter(([, account]) => !names.includes(account))
      .map(([where, account]) => `${where}: there is no account '${account}' among ${names.join(", ")}`),
  ];
}

function linkProblems(facts: NatsFacts): string[] {
  const { gateway, leafnodes } = facts;
  const peers = gateway?.peers.map(({ name }) => name) ?? [];
  const remotes = leafnodes?.remotes.map(({ name }) => name) ?? [];
  return [
    ...peers
      .filter((name) => !TOKEN.test(name))
      .map((name) => `gateway: peer '${name}' may have letters, digits, '_' and '-' only`),
    ...peers
      .filter((name) => name === clusterName(facts))
      .map((name) => `gateway: peer '${name}' is this cluster itself`),
    ...repeated(peers).map((name) => `gateway: peer '${name}' is there twice`),
    ...(gateway?.peers ?? [])
      .filter(({ urls }) => urls.length === 0)
      .map(({ name }) => `gateway: peer '${name}' has no URL`),
    ...remotes
      .filter((name) => !USER.test(name))
      .map((name) => `leafnodes: remote '${name}' must be lower-case letters, digits and '_', a letter first`),
    ...repeated(remotes).map((name) => `leafnodes: remote '${name}' is there twice`),
    ...(leafnodes?.remotes ?? [])
      .filter(({ urls }) => urls.length === 0)
      .map(({ name }) => `leafnodes: remote '${name}' has no URL`),
  ];
}

function portProblems({ nodePorts }: NatsFacts): string[] {
  if (!nodePorts) return [];
  return [
    ...unless(
      nodePorts.client !== nodePorts.monitoring,
      `nodePorts: ${nodePorts.client} is given to clients and to monitoring`,
    ),
    ...Object.entries(nodePorts)
      .filter(([, port]) => port < 30000 || port > 32767)
      .map(([name, port]) => `nodePorts.${name}: ${port} is no node port: 30000 to 32767`),
  ];
}

function atMost(what: string, size: Quantity, limitName: string, limit: Quantity): string[] {
  return unless(quantityValue(size) <= quantityValue(limit), `${what}: ${size} is more than ${limitName}, ${limit}`);
}

function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem];
}

function repeated(items: readonly string[]): string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) < index))];
}
