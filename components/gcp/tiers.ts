/** What a machine of Cloud SQL has. */
export interface Tier {
  edition: "ENTERPRISE" | "ENTERPRISE_PLUS";
  /** Cores; undefined where it has a share of one. */
  cpu: number | undefined;
  /** GiB */
  memory: number;
}

/** Machines with a share of a core. They have no service level agreement. */
const SHARED: Record<string, Tier> = {
  "db-f1-micro": { edition: "ENTERPRISE", cpu: undefined, memory: 0.6 },
  "db-g1-small": { edition: "ENTERPRISE", cpu: undefined, memory: 1.7 },
};

/** Cores of the machines of edition Enterprise Plus; each has 8 GiB of memory, the largest less. */
const PLUS_CORES = [2, 4, 8, 16, 32, 48, 64, 80, 96, 128];
const PLUS_MOST_MEMORY = 864;

/** MiB of memory that go with a core, and the steps they come in. */
const CUSTOM = { mostCores: 96, leastMemory: 3840, step: 256, perCore: { least: 0.9 * 1024, most: 6.5 * 1024 } };

/**
 * The machine of a name: `db-f1-micro`, `db-custom-CORES-MEGABYTES`, `db-perf-optimized-N-CORES`.
 *
 * @returns what is wrong with the name, when there is no such machine.
 * @see https://cloud.google.com/sql/docs/postgres/create-instance#machine-types
 */
export function tierOf(name: string): Tier | string {
  const shared = SHARED[name];
  if (shared) return shared;
  const custom = /^db-custom-(\d+)-(\d+)$/.exec(name);
  if (custom) return customTier(Number(custom[1]), Number(custom[2]));
  const plus = /^db-perf-optimized-N-(\d+)$/.exec(name);
  const cpu = Number(plus?.[1]);
  if (!plus || !PLUS_CORES.includes(cpu)) return "is no machine of Cloud SQL for PostgreSQL";
  return { edition: "ENTERPRISE_PLUS", cpu, memory: Math.min(cpu * 8, PLUS_MOST_MEMORY) };
}

function customTier(cpu: number, megabytes: number): Tier | string {
  const { mostCores, leastMemory, step, perCore } = CUSTOM;
  if (cpu < 1 || cpu > mostCores || (cpu > 1 && cpu % 2 !== 0)) {
    return `has ${cpu} cores; 1, or an even number up to ${mostCores}, is possible`;
  }
  const least = Math.max(leastMemory, Math.ceil((cpu * perCore.least) / step) * step);
  const most = Math.floor((cpu * perCore.most) / step) * step;
  if (megabytes % step !== 0 || megabytes < least || megabytes > most) {
    return `has ${megabytes} MiB; with ${cpu} cores, ${least} to ${most} in steps of ${step} are possible`;
  }
  return { edition: "ENTERPRISE", cpu, memory: megabytes / 1024 };
}

/** `max_connections` by memory in GiB, from that much on. */
const CONNECTIONS: readonly (readonly [memory: number, connections: number])[] = [
  [120, 1000],
  [60, 800],
  [30, 600],
  [15, 500],
  [7.5, 400],
  [6, 200],
  [3.75, 100],
  [1.7, 50],
  [0, 25],
];

/**
 * `max_connections` that Cloud SQL gives an instance which says nothing.
 *
 * @see https://cloud.google.com/sql/docs/postgres/flags (max_connections)
 */
export function defaultConnections({ memory }: Tier): number {
  return CONNECTIONS.find(([from]) => memory >= from)?.[1] ?? 25;
}
