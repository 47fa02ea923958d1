import type { AddressInfo } from "node:net";
import { Active } from "./active";
import { cannotListen } from "./api/listen";
import type { OidcSettings } from "./api/oidc";
import type { LogEntry } from "./api/server";
import { statusOf, StatusServer } from "./api/status-server";
import { baseOf, urlOf } from "./base";
import type { NatsState } from "./dispatch/connection";
import type { Engine } from "./engine/engine";
import type { EnvironmentSettings } from "./environments/environments";
import type { Clock } from "./queue/clock";
import type { Execute } from "./queue/runner";
import type { QueueSettings } from "./queue/settings";
import { placeOf } from "./storage/copy/places";
import type { FilesystemOptions } from "./storage/filesystem/storage";
import { openStorage, type StorageKind } from "./storage/open";
import type { Storage } from "./storage/storage";
import type { SurrealServer } from "./storage/surreal/connection";

export interface ServiceOptions {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Port of probes and metrics, without tokens; 0: any free port. Default: none. */
  statusPort?: number | undefined;
  dataDir: string;
  /** Folder of the stack files. */
  project: string;
  /** Stacks that may be worked on. Default: all. */
  allowed?: readonly string[] | undefined;
  /** File of hashed tokens. Without it and a provider, only loopback is listened to. */
  tokens?: string | undefined;
  /** OpenID provider whose tokens are taken, too. */
  oidc?: OidcSettings | undefined;
  tls?: { cert: string; key: string } | undefined;
  /** Values that must stand in no log, answer or file, whatever they look like. */
  secrets?: readonly string[] | undefined;
  /** Milliseconds that a request may take to arrive. Default: 30 s. */
  arrivalMs?: number;
  /** Requests a second of each token. Default: no limit. */
  rate?: number | undefined;
  queue?: Partial<QueueSettings>;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: filesystem. */
  storageKind?: StorageKind;
  storage?: FilesystemOptions;
  /** The server of `surrealdb-server`, or to which what is kept may be moved. */
  surrealdb?: SurrealServer | undefined;
  /** `offline`: previews only. `pulumi`: the CLI and the login of this process. Default: offline. */
  engine?: "offline" | "pulumi" | Engine;
  /** Default: none can be made. */
  environments?: EnvironmentSettings;
  /** Has tasks done elsewhere; those of test environments are always done here. Default: all are done here. */
  dispatch?: (storage: Storage, log: (entry: LogEntry) => void) => Promise<Dispatch>;
  log: (entry: LogEntry) => void;
}

/** Who has tasks done elsewhere. */
export interface Dispatch {
  /** How the connection to NATS is. */
  readonly state: Readonly<NatsState>;
  execute: Execute;
  close(): Promise<void>;
}

/** An orchestrator that runs. */
export interface Running {
  /** As `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Port of probes and metrics, where there is one. */
  readonly statusPort: number | undefined;
  /**
   * Takes no new task, lets those that run end for so many milliseconds, tells the rest to stop and hands them back, and
   * closes everything. They go on when the service starts again.
   */
  stop(drainMs: number): Promise<void>;
}

/** A running orchestrator: storage, queue, engine and API in one process. */
export class Service implements Running {
  private stopping: Promise<void> | undefined;

  private constructor(
    readonly url: string,
    private readonly active: Active,
    private readonly status: StatusServer | undefined,
  ) {}

  /** @throws UserError for an address that cannot be had, a folder that another process has, and files that are wrong */
  static async start(options: ServiceOptions): Promise<Service> {
    const { host, port, statusPort } = options;
    const base = await baseOf(options);
    const place = placeOf(options.storageKind ?? "filesystem", { dataDir: options.dataDir, server: options.surrealdb });
    const active = await Active.open(await openStorage(place, options.storage), options, base);
    let status: StatusServer | undefined;
    try {
      await active.app.listen({ host, port }).catch((error: unknown) => {
        throw cannotListen({ host, port }, error as Error);
      });
      if (statusPort !== undefined)
        status = await StatusServer.listen(statusOf(active.context), { host, port: statusPort });
    } catch (error) {
      await active.drain(0);
      await active.close();
      throw error;
    }
    active.begin();
    return new Service(urlOf(options, (active.app.server.address() as AddressInfo).port), active, status);
  }

  get statusPort(): number | undefined {
    return this.status?.port;
  }

  async stop(drainMs: number): Promise<void> {
    await (this.stopping ??= this.end(drainMs));
  }

  private async end(drainMs: number): Promise<void> {
    await this.active.drain(drainMs);
    await this.active.close();
    this.status?.close();
  }
}
