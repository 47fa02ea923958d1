import { parse } from "yaml";
import { manifestOf, type Json, type Manifest, type Resource } from "../graph";
import { at, listOf, objectOf, textOf } from "../json";
import { title, type Check, type CheckContext, type Finding } from "./check";

/** The one role that reads values. */
const ACCESSOR = "roles/secretmanager.secretAccessor";

/** That an account of Kubernetes reads a secret of Secret Manager. */
interface Access {
  resource: Resource;
  /** `NAMESPACE/SERVICEACCOUNT`. */
  account: string;
  /** `projects/PROJECT/secrets/NAME`. */
  secret: string;
}

interface Use extends Access {
  /** What reads: `SecretSync noetl/noetl-secret`. */
  by: string;
}

/**
 * A value that nobody may read never reaches its Secret, and pods wait for it; a grant that nobody uses is a way to a
 * secret for no reason.
 */
export const secretAccess: Check = {
  id: "secret-access",
  title: "Of Secret Manager, each account may read exactly the secrets that it reads.",
  scope: "googleCloud",
  run: (context) => {
    const uses = usesOf(context);
    const grants = grantsOf(context);
    const granted = new Set(grants.map(keyOf));
    const used = new Set(uses.map(keyOf));
    return [
      ...uses.filter((use) => !granted.has(keyOf(use))).map(notGranted),
      ...grants.filter((grant) => !used.has(keyOf(grant))).map(notUsed),
    ];
  },
};

function notGranted({ resource, account, secret, by }: Use): Finding {
  return {
    severity: "error",
    rule: secretAccess.id,
    resource: resource.urn,
    message: `${by} reads ${secret} as ServiceAccount ${account}, which has no ${ACCESSOR} on it: the Secret would never come to be`,
    fix: `grant ${ACCESSOR} on ${secret} to that account (gcp.secretmanager.SecretIamMember), as GcpSecretProvider does`,
  };
}

function notUsed({ resource, account, secret }: Access): Finding {
  return {
    severity: "warning",
    rule: secretAccess.id,
    resource: resource.urn,
    message: `ServiceAccount ${account} may read ${secret}, and nothing of the stack reads it as that account`,
    fix: "take the grant out, or read the secret",
  };
}

function keyOf({ account, secret }: Access): string {
  return `${account} ${secret}`;
}

/** Grants to accounts of Kubernetes, by either way in which Workload Identity writes them. */
function grantsOf({ graph }: CheckContext): Access[] {
  return graph.resources.flatMap((resource) => {
    const { project, secretId, role, member } = resource.inputs;
    if (!resource.type.endsWith(":SecretIamMember") || role !== ACCESSOR) return [];
    const [, namespace, account] =
      /\/subject\/ns\/([^/]+)\/sa\/([^/]+)$|\[([^/]+)\/([^/]+)\]$/.exec(textOf(member) ?? "")?.filter(Boolean) ?? [];
    if (namespace === undefined || account === undefined) return [];
    const secret = `projects/${textOf(project) ?? ""}/secrets/${textOf(secretId) ?? ""}`;
    return [{ resource, account: `${namespace}/${account}`, secret }];
  });
}

function usesOf(context: CheckContext): Use[] {
  const objects = context.graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    return manifest ? [{ resource, manifest }] : [];
  });
  const find = (kind: string, namespace: string | undefined, name: string | undefined) =>
    objects.find(
      ({ manifest }) =>
        manifest.kind === kind && manifest.metadata.namespace === namespace && manifest.metadata.name === name,
    )?.manifest;
  const byObjects = objects.flatMap(({ resource, manifest }): Use[] => {
    const { kind, spec, metadata } = manifest;
    const { namespace = "" } = metadata;
    const by = `${kind} ${namespace}/${metadata.name}`;
    if (kind === "SecretSync") {
      const account = `${namespace}/${textOf(at(spec, "serviceAccountName")) ?? ""}`;
      const source = find("SecretProviderClass", namespace, textOf(at(spec, "secretProviderClassName")));
      return secretsOfClass(source).map((secret) => ({ resource, account, secret, by }));
    }
    if (kind !== "ExternalSecret") return [];
    const store = find("SecretStore", namespace, textOf(at(spec, "secretStoreRef", "name")));
    const manager = objectOf(at(store?.spec, "provider", "gcpsm"));
    const reader = textOf(at(manager.auth, "workloadIdentity", "serviceAccountRef", "name"));
    const project = textOf(manager.projectID);
    if (reader === undefined || project === undefined) return [];
    return listOf(at(spec, "data")).map((row) => ({
      resource,
      account: `${namespace}/${reader}`,
      secret: `projects/${project}/secrets/${textOf(at(row, "remoteRef", "key")) ?? ""}`,
      by,
    }));
  });
  const byPods = context.workloads.flatMap((workload) => {
    const { namespace, podSpec, resource } = workload;
    const account = `${namespace}/${textOf(podSpec.serviceAccountName) ?? "default"}`;
    return listOf(podSpec.volumes).flatMap((volume): Use[] => {
      const name = textOf(at(volume, "csi", "volumeAttributes", "secretProviderClass"));
      const secrets = secretsOfClass(find("SecretProviderClass", namespace, name));
      return secrets.map((secret) => ({ resource, account, secret, by: title(workload) }));
    });
  });
  return [...byObjects, ...byPods];
}

/** The secrets that a class of Google's provider fetches, without their versions. */
function secretsOfClass(source: Manifest | undefined): string[] {
  const files = textOf(at(source?.spec, "parameters", "secrets"));
  if (files === undefined) return [];
  return listOf(parse(files) as Json).flatMap((file) => {
    const [, secret] = /^(projects\/[^/]+\/secrets\/[^/]+)\//.exec(textOf(at(file, "resourceName")) ?? "") ?? [];
    return secret ?? [];
  });
}
