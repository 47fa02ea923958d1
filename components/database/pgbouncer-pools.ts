/** Somebody who connects to the instance past the pooler. */
export interface DirectClient {
  /** Who it is, for people. */
  who: string;
  /** Most at a time. */
  connections: number;
}

/** What pool sizes are derived from. Everything is a number of connections unless it says otherwise. */
export interface PoolBudget {
  /** `max_connections` of the instance. */
  maxConnections: number;
  /** Kept free for people, backups and superusers. */
  reserved: number;
  /** Those who do not go through the pooler. */
  direct: readonly DirectClient[];
  /** Pods of the pooler. */
  replicas: number;
  /** Databases that clients may ask it for. */
  databases: readonly string[];
  /** Most of one pod to one database, where the budget has more. */
  poolSize: number;
  /** Of those, the ones it opens only when clients have waited for `reserve_pool_timeout`. */
  reservePool: number;
}

/** Pool sizes that keep the budget. */
export interface PoolSizes {
  /** What the instance has for the pooler. */
  available: number;
  /** Pods that may hold connections at once: while an update rolls, one that finishes its transactions beside all others. */
  pods: number;
  /** Of one pod to one database, going by the budget alone. */
  share: number;
  /** `max_db_connections`: of one pod to one database. */
  perDatabase: number;
  /** `default_pool_size` */
  poolSize: number;
  /** `reserve_pool_size` */
  reservePool: number;
  /** The most there ever are: pods × databases × `perDatabase`. */
  most: number;
}

/** With fewer, one slow transaction holds up all clients of a database. */
export const LEAST_PER_DATABASE = 2;

/** At most this part of a pool is its reserve. */
const RESERVE_PART = 4;

/** Divides what the instance has for the pooler evenly over pods and databases, rounded down. */
export function poolSizes(budget: PoolBudget): PoolSizes {
  const direct = budget.direct.reduce((sum, { connections }) => sum + connections, 0);
  const available = Math.max(0, budget.maxConnections - budget.reserved - direct);
  const pods = budget.replicas + 1;
  const share = Math.floor(available / pods / budget.databases.length);
  const perDatabase = Math.min(share, budget.poolSize);
  const reservePool = Math.min(budget.reservePool, Math.floor(perDatabase / RESERVE_PART));
  return {
    available,
    pods,
    share,
    perDatabase,
    poolSize: perDatabase - reservePool,
    reservePool,
    most: pods * budget.databases.length * perDatabase,
  };
}
