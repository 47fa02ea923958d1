import { Provider } from "@pulumi/gcp/provider";
import type * as pulumi from "@pulumi/pulumi";
import type { Place } from "../components/gcp/facts";
import type { PlatformSpec } from "./profile";
import type { GcpConfig } from "./schema";

/**
 * The provider of everything that the stack has on Google Cloud.
 *
 * @throws Error when the stack file has no `gcp`; the schema's rules demand it where it is needed
 */
export function gcpProvider({ gcp }: Pick<PlatformSpec, "gcp">, opts?: pulumi.ResourceOptions): Provider {
  if (!gcp) throw new Error("no noetl:gcp; the schema's rules demand it");
  return new Provider("gcp", { project: gcp.project, region: gcp.region }, opts);
}

/** Where resources are. */
export function placeOf({ project, region, environment }: GcpConfig): Place {
  return { project, region, environment };
}
