import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SecretKey } from "../kubernetes/env";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { TLS_KEYS, type CertificateAuthority, type Leaf, type TlsIdentity } from "./authority";

export interface MutualTlsArgs {
  authority: CertificateAuthority;
  /** Of the server and its clients. */
  namespace: Namespace;
  server: {
    /** Host names that clients reach it by. */
    names: readonly string[];
    /** Addresses that clients reach it by. */
    addresses: readonly string[];
    /** Whether its replicas also call each other, and so are clients, too. */
    callsItself: boolean;
    /** Whether it serves /metrics. */
    metrics: boolean;
  };
  /** Whether there is a gateway. */
  gateway: boolean;
  /** NATS, when its servers get their certificate from here. Default: they do not. */
  nats?: { namespace: Namespace; names: readonly string[] } | undefined;
  /** Account of the Prometheus that reads the Secret of its certificate by itself. Default: none. */
  collector?: { name: string; namespace: string } | undefined;
}

/** What a Prometheus needs to scrape the server: a name to expect, and keys of a Secret in the server's namespace. */
export interface ScrapeTls {
  serverName: string;
  caSecret: SecretKey;
  certSecret: SecretKey;
  keySecret: SecretKey;
}

/** The certificates by the names that the platform has always had. */
export const MUTUAL_TLS_SECRETS = {
  server: "noetl-server-tls",
  worker: "noetl-worker-tls",
  gateway: "noetl-gateway-tls",
  scrape: "noetl-scrape-tls",
  nats: "nats-tls",
} as const;

/**
 * Who is who on the connections of the platform: a certificate of the server, one for all its workers, one for the
 * gateway, one for whoever scrapes the server's metrics; and one of the NATS servers, where they are to have one of the
 * same authority. One certificate for each role, in Secrets named after it.
 *
 * It decides nothing about who must present one: that is the server's own setting.
 */
export class MutualTls extends pulumi.ComponentResource {
  readonly server: TlsIdentity;
  /** For everything that runs commands, and for what triggers the scheduled cleanup. */
  readonly worker: TlsIdentity;
  readonly gateway?: TlsIdentity;
  readonly nats?: TlsIdentity;
  /** For the monitoring; absent when the server has no metrics. */
  readonly scrape?: ScrapeTls;

  constructor(name: string, args: MutualTlsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:tls:MutualTls", name, {}, opts);
    const { authority, server, nats } = args;
    this.server = authority.issue(serverLeaf(args));
    this.worker = authority.issue(client(MUTUAL_TLS_SECRETS.worker, "noetl-worker-rust", args.namespace));
    if (args.gateway)
      this.gateway = authority.issue(client(MUTUAL_TLS_SECRETS.gateway, "noetl-gateway", args.namespace));
    if (nats)
      this.nats = authority.issue({ name: MUTUAL_TLS_SECRETS.nats, ...leafOf(nats), usages: ["server", "client"] });
    if (server.metrics) this.scrape = this.scraper(args);
    this.registerOutputs();
  }

  private scraper({ authority, namespace, server, collector }: MutualTlsArgs): ScrapeTls {
    const { secretName } = authority.issue(client(MUTUAL_TLS_SECRETS.scrape, "noetl-scrape", namespace));
    if (collector) this.readable(secretName, namespace, collector);
    const key = (key: string): SecretKey => ({ secret: secretName, key });
    return {
      // A scrape goes to the address of a pod, and expects this name there.
      serverName: server.names[0] ?? "localhost",
      caSecret: key(TLS_KEYS.ca),
      certSecret: key(TLS_KEYS.certificate),
      keySecret: key(TLS_KEYS.key),
    };
  }

  /** Managed Prometheus has no right to read Secrets; it gets it for this one. */
  private readable(secret: string, namespace: Namespace, collector: { name: string; namespace: string }): void {
    const metadata = {
      name: secret,
      namespace: namespace.created,
      labels: labels({ app: "noetl", component: "tls" }),
    };
    const rules = [
      { apiGroups: [""], resources: ["secrets"], resourceNames: [secret], verbs: ["get", "list", "watch"] },
    ];
    new k8s.rbac.v1.Role(secret, { metadata, rules }, { parent: this });
    new k8s.rbac.v1.RoleBinding(
      secret,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: secret },
        subjects: [{ kind: "ServiceAccount", ...collector }],
      },
      { parent: this },
    );
  }
}

function serverLeaf({ namespace, server }: MutualTlsArgs): Leaf {
  return {
    name: MUTUAL_TLS_SECRETS.server,
    ...leafOf({ namespace, names: server.names }),
    ipAddresses: server.addresses,
    usages: server.callsItself ? ["server", "client"] : ["server"],
  };
}

function client(name: string, commonName: string, namespace: Namespace): Leaf {
  return { name, namespace, commonName, dnsNames: [`${commonName}.${namespace.name}.svc`], usages: ["client"] };
}

function leafOf({ namespace, names }: { namespace: Namespace; names: readonly string[] }) {
  return { namespace, dnsNames: names };
}
