import { Database } from "@pulumi/gcp/sql/database";
import { DatabaseInstance, type DatabaseInstanceArgs } from "@pulumi/gcp/sql/databaseInstance";
import { User } from "@pulumi/gcp/sql/user";
import * as pulumi from "@pulumi/pulumi";
import { gcpLabels, networkPath, type Place } from "./facts";
import { tierOf } from "./tiers";

/** A Cloud SQL instance of PostgreSQL. */
export interface CloudSqlArgs extends Place {
  /** Name of the instance. It cannot be used again for a week after a deletion. */
  instance: string;
  /** `POSTGRES_15` */
  version: string;
  /** Machine, such as `db-custom-2-7680`. */
  tier: string;
  /** Whether a second zone takes over within a minute or two. */
  regional: boolean;
  /** GB of the disk at first; it grows by itself up to `limit`, and never shrinks. */
  disk: { size: number; limit: number; type: "PD_SSD" | "PD_HDD" };
  /** `max_connections`; undefined for that of the tier. */
  maxConnections: number | undefined;
  /** Further flags. */
  flags: readonly { name: string; value: string }[];
  backups: {
    /** When, `HH:MM` in UTC. */
    start: string;
    /** How many. */
    retained: number;
    /** Days of transaction logs: to any second of them it can be restored. */
    logDays: number;
  };
  /** When updates may come: day 1 (Monday) to 7, hour in UTC. */
  maintenance: { day: number; hour: number };
  insights: boolean;
  /** Name of the network that it has a private address in. */
  network: string;
  /** Name of the range that the address is out of. Default: any of the network's. */
  addressRange?: string | undefined;
  deletionProtection: boolean;
}

/**
 * The instance: private address, backups to restore any second of, deletion protection three times: of the API, of the
 * provider, of Pulumi.
 */
export class CloudSqlInstance extends pulumi.ComponentResource {
  /** What the Auth Proxy calls it: `PROJECT:REGION:INSTANCE`. */
  readonly connectionName: string;

  constructor(name: string, args: CloudSqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:CloudSqlInstance", name, {}, opts);
    const { project, region, instance, deletionProtection } = args;
    new DatabaseInstance(
      name,
      {
        project,
        region,
        name: instance,
        databaseVersion: args.version,
        deletionProtection,
        settings: settings(args),
      },
      {
        parent: this,
        protect: deletionProtection,
        retainOnDelete: true,
        customTimeouts: { create: "60m", update: "60m" },
        // It grows by itself; without this, every update would ask to shrink it, which means to replace it.
        ignoreChanges: ["settings.diskSize"],
      },
    );
    this.connectionName = `${project}:${region}:${instance}`;
    this.registerOutputs();
  }
}

function settings(args: CloudSqlArgs): pulumi.Unwrap<DatabaseInstanceArgs>["settings"] {
  const { tier, disk, backups, maintenance, maxConnections } = args;
  const machine = tierOf(tier);
  const flags = [
    ...args.flags,
    ...(maxConnections === undefined ? [] : [{ name: "max_connections", value: String(maxConnections) }]),
  ];
  return {
    tier,
    edition: typeof machine === "string" ? "ENTERPRISE" : machine.edition,
    availabilityType: args.regional ? "REGIONAL" : "ZONAL",
    diskSize: disk.size,
    diskType: disk.type,
    diskAutoresize: true,
    diskAutoresizeLimit: disk.limit,
    deletionProtectionEnabled: args.deletionProtection,
    retainBackupsOnDelete: true,
    userLabels: gcpLabels(args),
    ipConfiguration: {
      privateNetwork: networkPath(args.project, args.network),
      ipv4Enabled: false,
      sslMode: "ENCRYPTED_ONLY",
      ...(args.addressRange !== undefined && { allocatedIpRange: args.addressRange }),
    },
    backupConfiguration: {
      enabled: true,
      startTime: backups.start,
      pointInTimeRecoveryEnabled: true,
      transactionLogRetentionDays: backups.logDays,
      backupRetentionSettings: { retainedBackups: backups.retained, retentionUnit: "COUNT" },
    },
    maintenanceWindow: { ...maintenance, updateTrack: "stable" },
    insightsConfig: {
      queryInsightsEnabled: args.insights,
      queryStringLength: 1024,
      recordApplicationTags: true,
      recordClientAddress: false,
    },
    databaseFlags: flags.sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

export interface CloudSqlContentsArgs {
  project: string;
  instance: string;
  /** Databases; the schema Job hands them to the server's role. */
  databases: readonly string[];
  adminUser: string;
  /** Default: the administrator is somebody else's to make. */
  adminPassword?: pulumi.Input<string> | undefined;
}

/** Databases of an instance, and its administrator. The server's role is made by the schema Job, which sets its rights. */
export class CloudSqlContents extends pulumi.ComponentResource {
  /** What the schema Job must wait for. */
  readonly made: pulumi.Resource[];

  constructor(name: string, args: CloudSqlContentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:CloudSqlContents", name, {}, opts);
    const { project, instance, adminUser, adminPassword } = args;
    const databases = args.databases.map(
      (database) =>
        new Database(
          `${name}-${database}`,
          { project, instance, name: database, deletionPolicy: "ABANDON" },
          { parent: this, protect: true, retainOnDelete: true },
        ),
    );
    this.made = [...databases];
    if (adminPassword !== undefined) {
      const password = pulumi.secret(adminPassword);
      const args = { project, instance, name: adminUser, password, deletionPolicy: "ABANDON" };
      this.made.push(new User(`${name}-${adminUser}`, args, { parent: this }));
    }
    this.registerOutputs();
  }
}
