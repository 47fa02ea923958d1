import type { PlatformConfig } from "../schema";

/** What the kind of environment decides, and no stack file says. */
export interface Profile {
  /** Storage class of every volume. */
  storageClass: string;
  /** Ports on every node for clients outside the cluster; none where a load balancer is the way in. */
  nodePorts?: { server: number; natsClient: number; natsMonitoring: number; postgres: number; gateway: number };
  /** Who fetches metrics, unless a stack file says otherwise: pods of a namespace with these labels. */
  scrapers: readonly { namespace: string; labels: readonly string[] }[];
  /** Pods of each part of an operator, unless a stack file says otherwise. */
  operatorReplicas: number;
  /** Whether people depend on it: findings that are warnings elsewhere are errors here. */
  production: boolean;
}

const PROFILES: Record<PlatformConfig["profile"], Profile> = {
  kind: {
    // The provisioner that kind brings along.
    storageClass: "standard",
    // The host ports that kind/cluster.yaml maps to.
    nodePorts: { server: 30082, natsClient: 30422, natsMonitoring: 30822, postgres: 30321, gateway: 30090 },
    // Where the usual charts of Prometheus put it.
    scrapers: [{ namespace: "monitoring", labels: ["app.kubernetes.io/name=prometheus"] }],
    operatorReplicas: 1,
    production: false,
  },
  gke: {
    // SSD persistent disk: JetStream and PostgreSQL wait for fsync.
    storageClass: "premium-rwo",
    // Google Managed Prometheus, as GKE installs it, and as one installs it oneself.
    scrapers: ["gke-gmp-system", "gmp-system"].map((namespace) => ({
      namespace,
      labels: ["app.kubernetes.io/name=collector"],
    })),
    operatorReplicas: 2,
    production: true,
  },
};

/** A platform as it is deployed: what the stack file says, and what its profile decides. */
export interface PlatformSpec extends PlatformConfig {
  traits: Profile;
}

/** Completes a configuration with its profile. */
export function withProfile(config: PlatformConfig): PlatformSpec {
  return { ...config, traits: PROFILES[config.profile] };
}
