import { addresses, type Addresses, type Anyone } from "../../components/network/flow";
import type { PlatformConfig } from "../schema";

/** Every address. */
const EVERYWHERE = ["0.0.0.0/0", "::/0"] as const;

/** Addresses that nobody on the Internet has: private, shared, link-local, multicast and reserved ones. */
const NOT_PUBLIC_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
const NOT_PUBLIC_V6 = ["fc00::/7", "fe80::/10", "ff00::/8"];

/** Public addresses: neither the cluster nor anything else that is private. */
export const INTERNET: Addresses = addresses(
  "internet",
  { cidr: "0.0.0.0/0", except: NOT_PUBLIC_V4 },
  { cidr: "::/0", except: NOT_PUBLIC_V6 },
);

/** Whoever comes from outside by a port of a node. */
export const OUTSIDE: Addresses = addresses("outside", ...EVERYWHERE);

/** Whoever asks, also pods of other namespaces. */
export const ANYONE: Anyone = { kind: "anyone", name: "anyone" };

/** The metadata server of GKE with Dataplane V1 (Calico), from 1.21 on: Workload Identity's own address. */
export const METADATA_V1 = addresses("metadata-server", "169.254.169.252/32");
/** The metadata server of GKE with Dataplane V2 (Cilium). */
export const METADATA_V2 = addresses("metadata-server-v2", "169.254.169.254/32");

/** The Kubernetes API server, which no selector of pods finds. */
export function apiServerOf({ networkPolicy }: Pick<PlatformConfig, "networkPolicy">): Addresses {
  return addresses("api-server", ...networkPolicy.apiServer);
}

/** An outside host by its name; NetworkPolicy knows no names, so every address may be meant. */
export function namedHost(name: string): Addresses {
  return addresses(name, ...EVERYWHERE);
}
