import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import type { CertificateAuthority } from "../components/tls/authority";
import { BuiltInAuthority } from "../components/tls/built-in/authority";
import { CertManagerAuthority, type OwnRoots } from "../components/tls/cert-manager/authority";
import { FLIGHT_SECRETS } from "../components/tls/flight-tls";
import { GivenAuthority, type GivenLeaf } from "../components/tls/given-authority";
import { MUTUAL_TLS_SECRETS } from "../components/tls/mutual-tls";
import type { PlatformSpec } from "./profile";
import { IMAGES } from "./versions";

/** Who signs the platform's certificates; undefined when there are none. */
export function certificateAuthority(
  { tls, secrets }: Pick<PlatformSpec, "tls" | "secrets">,
  { namespaces, operator }: { namespaces: Namespaces; operator: pulumi.Resource | undefined },
  opts: pulumi.ComponentResourceOptions,
): CertificateAuthority | undefined {
  if (tls.mode === "off") return undefined;
  if (tls.mode === "builtIn") {
    const { generation, trusted, days } = tls.ca;
    return new BuiltInAuthority(
      "tls",
      {
        generation,
        trusted: trusted.map((root) => ({ ...root, days })),
        leaves: tls.leaves,
        protect: secrets.protect,
      },
      opts,
    );
  }
  if (tls.mode === "given") return new GivenAuthority("tls", { leaves: givenLeaves(tls.given) }, opts);
  const signer = tls.mode === "issuer" ? tls.issuer : ownRoots(tls.ca, namespaces);
  const root = tls.mode === "issuer" ? 0 : tls.ca.days;
  return new CertManagerAuthority(
    "tls",
    {
      signer,
      days: { root, leaf: tls.leaves.days, renewBefore: tls.leaves.renewBefore },
      trustConfigMap: tls.trustConfigMap,
      reloader: tls.reloader,
      joinImage: IMAGES.curl,
      operator,
    },
    opts,
  );
}

type GivenConfig = Extract<PlatformSpec["tls"], { mode: "given" }>["given"];

/** The certificates by the names of their Secrets. */
function givenLeaves(given: GivenConfig): ReadonlyMap<string, GivenLeaf> {
  const names: Record<keyof GivenConfig, string> = { ...MUTUAL_TLS_SECRETS, ...FLIGHT_SECRETS };
  return new Map(
    Object.entries(names).flatMap(([owner, name]) => {
      const leaf = given[owner as keyof GivenConfig];
      return leaf ? [[name, leaf] as const] : [];
    }),
  );
}

type CertManagerConfig = Extract<PlatformSpec["tls"], { mode: "certManager" }>;

function ownRoots(
  { generation, trusted, kind, operatorNamespace }: CertManagerConfig["ca"],
  namespaces: Namespaces,
): OwnRoots {
  // Of a ClusterIssuer, cert-manager looks for Secrets in its own namespace.
  const namespace = kind === "Issuer" ? namespaces.of("noetl") : namespaces.find(operatorNamespace);
  return { generation, trusted, kind, namespace };
}
