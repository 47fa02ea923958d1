import { TOOL_NAMES, TOOLS } from "../catalog";
import { isGood, versionIn } from "../versions";
import type { Machine } from "./machine";

/** What was found out about one thing. */
export interface Finding {
  name: string;
  /** `low`: it is there, but less or older than is good. */
  state: "ok" | "low" | "missing";
  /** Whether `npm start` or `npm test` needs it. */
  needed: boolean;
  /** Version, amount, or what is wrong. */
  found: string;
  /** Commands and tests that need it. */
  for: string;
  /** How to get it. Only where something is not ok. */
  next?: string;
}

const GIB = 2 ** 30;

/** Everything that somebody may want to run here, in the order in which it matters. */
export async function findings(machine: Machine): Promise<Finding[]> {
  return [
    nodeJs(machine),
    packages(machine),
    ...COMMANDS.map((command) => ofCommand(machine, command)),
    await pinnedTools(machine),
    cores(machine),
    amount("memory", machine.memory, { good: 4, for: "npm test; 8 GiB for npm run test:real" }),
    amount("disk", machine.disk, { good: 12, for: "npm run test:real: built tools, Go modules and images" }),
    proxies(machine),
  ];
}

function nodeJs({ node }: Machine): Finding {
  const about = { name: "Node.js", needed: true, found: node, for: "everything" };
  if (isGood(node, { from: "20.19.0", below: "1000.0.0" })) return { ...about, state: "ok" };
  return { ...about, state: "missing", next: "install 20.19 or newer, 22 for example: https://nodejs.org" };
}

/** Whether node_modules is what package-lock.json says. */
function packages({ read }: Machine): Finding {
  const about = { name: "packages", needed: true, for: "everything", next: "npm ci" };
  const wanted = versionsOf(read("package-lock.json"));
  const there = versionsOf(read("node_modules/.package-lock.json"));
  if (wanted === undefined)
    return { ...about, state: "missing", found: "no package-lock.json; is this the project's folder?" };
  if (there === undefined) return { ...about, state: "missing", found: "not installed" };
  const others = [...wanted].filter(([path, version]) => there.get(path) !== version);
  if (others.length > 0) {
    return { ...about, state: "missing", found: `${others.length} are missing or of another version` };
  }
  const { next: _, ...ok } = about;
  return { ...ok, state: "ok", found: `${there.size}, as package-lock.json says` };
}

/** Of a lock file, without what only other systems get. */
function versionsOf(lock: string | undefined): Map<string, string> | undefined {
  if (lock === undefined) return undefined;
  const { packages: all = {} } = JSON.parse(lock) as {
    packages?: Record<string, { version?: string; optional?: boolean; devOptional?: boolean }>;
  };
  return new Map(
    Object.entries(all).flatMap(([path, { version, optional, devOptional }]) =>
      path === "" || version === undefined || optional || devOptional ? [] : [[path, version] as const],
    ),
  );
}

/** A program, or several of which one is enough. */
interface Command {
  name: string;
  /** Commands, any of which will do, or paths. */
  any: readonly string[];
  /** Arguments that make it tell its version. Default: nobody asks. */
  version?: readonly string[];
  /** The oldest that will do. */
  from?: string;
  for: string;
  next: string;
}

const debian = (name: string): string => `apt-get install ${name}`;

const COMMANDS: readonly Command[] = [
  {
    name: "git",
    any: ["git"],
    version: ["--version"],
    for: "noetl-ops diff and check of a revision",
    next: debian("git"),
  },
  {
    name: "Pulumi CLI",
    any: ["pulumi"],
    version: ["version"],
    from: "3.248.0",
    for: "pulumi up; the tests build their own",
    next: "https://www.pulumi.com/docs/install",
  },
  {
    name: "kubectl",
    any: ["kubectl"],
    for: "deploying; the tests build their own",
    next: "https://kubernetes.io/docs/tasks/tools",
  },
  { name: "kind", any: ["kind"], for: "a cluster on this machine; no test", next: "https://kind.sigs.k8s.io" },
  {
    name: "Docker",
    any: ["dockerd", "/var/run/docker.sock"],
    for: "noetl-ops test, test/real/environments",
    next: debian("docker.io"),
  },
  {
    name: "Go",
    any: ["go"],
    version: ["version"],
    from: "1.26.0",
    for: "building the tools of npm run test:real, and its schemas",
    next: "https://go.dev/dl",
  },
  {
    name: "Rust",
    any: ["cargo"],
    version: ["--version"],
    from: "1.90.0",
    for: "building SurrealDB, for test/real/orchestrator",
    next: "https://rustup.rs",
  },
  {
    name: "Python",
    any: ["python3"],
    version: ["--version"],
    from: "3.10.0",
    for: "test/real/library, test/real/tls",
    next: debian("python3-pip"),
  },
  {
    name: "PostgreSQL",
    any: ["/usr/lib/postgresql"],
    for: "test/real/database and contract",
    next: debian("postgresql"),
  },
  {
    name: "PgBouncer",
    any: ["pgbouncer", "/usr/sbin/pgbouncer"],
    for: "test/real/database, monitoring and rigs",
    next: debian("pgbouncer"),
  },
  { name: "HAProxy", any: ["haproxy", "/usr/sbin/haproxy"], for: "test/real/tls", next: debian("haproxy") },
  { name: "promtool", any: ["promtool"], for: "test/real/monitoring", next: debian("prometheus") },
  { name: "amtool", any: ["amtool"], for: "test/real/monitoring", next: debian("prometheus-alertmanager") },
  {
    name: "Chromium",
    any: ["chromium"],
    for: "test/real/graph, the dashboard's tests, npm run pictures",
    next: debian("chromium"),
  },
  {
    name: "Redis",
    any: ["redis-server"],
    for: "test/real/environments, npm run bench:orchestrator",
    next: debian("redis-server"),
  },
  { name: "etcdctl", any: ["etcdctl"], for: "test/real/environments", next: debian("etcd-client") },
  {
    name: "Docker registry",
    any: ["docker-registry"],
    for: "pulls of test/real/environments",
    next: debian("docker-registry"),
  },
  { name: "busybox", any: ["/bin/busybox"], for: "images of test/real/environments", next: debian("busybox-static") },
];

function ofCommand(machine: Machine, command: Command): Finding {
  const { name, any, version: args, from, next } = command;
  const about = { name, needed: false, for: command.for };
  const path = any.flatMap((one) =>
    one.startsWith("/") ? (machine.exists(one) ? [one] : []) : machine.onPath(one),
  )[0];
  if (path === undefined) return { ...about, state: "missing", found: "not there", next };
  if (args === undefined) return { ...about, state: "ok", found: path };
  const version = versionIn(machine.says(path, ...args) ?? "");
  if (version === undefined) return { ...about, state: "low", found: `${path} does not tell its version`, next };
  if (from !== undefined && !isGood(version, { from, below: "1000.0.0" })) {
    return { ...about, state: "low", found: `${version}, older than ${from}`, next };
  }
  return { ...about, state: "ok", found: version };
}

async function pinnedTools({ tools }: Machine): Promise<Finding> {
  const missing = (await tools()).filter(({ found }) => !found).map(({ name }) => name);
  const [slow, quick] = [missing.filter(isSlow), missing.filter((name) => !isSlow(name))];
  const there = `${TOOL_NAMES.length - missing.length} of ${TOOL_NAMES.length}`;
  const about = { name: "built tools", needed: false, for: "npm run test:real, which builds the quick ones itself" };
  if (missing.length === 0) return { ...about, state: "ok", found: there };
  const names = [...quick, ...slow];
  return {
    ...about,
    state: "missing",
    found: `${there}; not ${names.join(", ")}`,
    next: `npm run tools -- ${names.join(" ")}`,
  };
}

function isSlow(name: (typeof TOOL_NAMES)[number]): boolean {
  return TOOLS[name].slow !== undefined;
}

function cores({ cores: count }: Machine): Finding {
  const about = { name: "cores", needed: false, found: String(count), for: "npm test in two minutes" };
  if (count >= 2) return { ...about, state: "ok" };
  return { ...about, state: "low", next: "it takes twice as long with one" };
}

/** @param good GiB from which on all is well */
function amount(name: string, bytes: number, { good, for: use }: { good: number; for: string }): Finding {
  const about = { name, needed: false, found: `${(bytes / GIB).toFixed(1)} GiB`, for: use };
  return bytes >= good * GIB ? { ...about, state: "ok" } : { ...about, state: "low", next: `${good} GiB are enough` };
}

/** Tests reach servers of their own on this machine, which a proxy does not know. */
function proxies({ env }: Machine): Finding {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const set = names.filter((name) => (env[name] ?? "") !== "");
  const about = {
    name: "proxies",
    needed: false,
    for: "npm run test:real and bench, whose servers are on this machine",
  };
  if (set.length === 0) return { ...about, state: "ok", found: "none" };
  const direct = (env.NO_PROXY ?? env.no_proxy ?? "").split(",").map((host) => host.trim());
  if (["localhost", "127.0.0.1"].every((host) => direct.includes(host)) || direct.includes("*")) {
    return { ...about, state: "ok", found: `${set.join(", ")}; not for this machine` };
  }
  return { ...about, state: "low", found: set.join(", "), next: "export NO_PROXY=localhost,127.0.0.1" };
}
