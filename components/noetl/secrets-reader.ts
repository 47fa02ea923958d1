import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";

const NAME = "noetl-server-secrets-reader";

/**
 * Lets the server's ServiceAccount get and list Secrets, in the listed namespaces and nowhere else: what the keychain
 * provider `k8s` needs.
 */
export function grantSecretsReader(
  serviceAccount: { name: string; namespace: string },
  namespaces: readonly Namespace[],
  opts: pulumi.CustomResourceOptions,
): void {
  for (const { name: namespace, created } of namespaces) {
    const metadata = {
      name: NAME,
      namespace: created,
      labels: labels({ app: serviceAccount.name, component: "server" }),
    };
    const child = `${serviceAccount.name}-secrets-reader-${namespace}`;
    new k8s.rbac.v1.Role(
      child,
      { metadata, rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] }] },
      opts,
    );
    new k8s.rbac.v1.RoleBinding(
      child,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: NAME },
        subjects: [{ kind: "ServiceAccount", ...serviceAccount }],
      },
      opts,
    );
  }
}
