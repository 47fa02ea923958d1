import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import { CertManagerOperator } from "../components/tls/cert-manager/operator";
import type { PlatformSpec } from "./profile";
import { CHARTS } from "./versions";

/** cert-manager, where the stack installs it. */
export function certManagerOf(
  { certManager, traits }: Pick<PlatformSpec, "certManager" | "traits">,
  namespaces: Namespaces,
  opts: pulumi.ComponentResourceOptions,
): CertManagerOperator | undefined {
  if (certManager.install !== true) return undefined;
  return new CertManagerOperator(
    "cert-manager",
    {
      ...certManager,
      namespace: namespaces.of(certManager.namespace),
      chart: CHARTS.certManager,
      replicas: certManager.replicas ?? traits.operatorReplicas,
    },
    opts,
  );
}
