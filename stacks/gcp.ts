import { Provider } from "@pulumi/gcp/provider";
import type { PlatformSpec } from "./profile";

/**
 * The provider of everything that the stack has on Google Cloud.
 *
 * @throws Error when the stack file has no `gcp`; the schema's rules demand it where it is needed
 */
export function gcpProvider({ gcp }: Pick<PlatformSpec, "gcp">): Provider {
  if (!gcp) throw new Error("no noetl:gcp; the schema's rules demand it");
  return new Provider("gcp", { project: gcp.project, region: gcp.region });
}
