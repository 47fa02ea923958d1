import { MUTUAL_TLS_SECRETS } from "../../components/tls/mutual-tls";
import { manifestOf, type ResourceGraph } from "../graph";
import { at, textOf } from "../json";
import type { Danger, Hazard } from "./hazard";

/** Who signs a certificate, and the resource that it is. */
interface Signed {
  resource: string;
  /** `the program`, `cert-manager by its own roots`, `ClusterIssuer google-cas`. */
  by: string;
}

const STILL = [
  "Stop what starts executions, and wait until none runs: noetl-ops query flow.",
  "Deploy with a waiver for this rule. Pods restart one after another; those that are not through yet and those that are refuse each other, and workers take their commands again afterwards.",
];
const THROUGH =
  "Wait until every pod has started anew (kubectl -n noetl rollout status deployment,statefulset; the same in namespaces nats and postgres), restart those that still fail, and let executions start again.";

export const authorityChanged: Hazard = {
  id: "tls-authority-changed",
  title: "Certificates come from another authority",
  why: "the two have no root in common, and no setting of the stack trusts both: while pods restart one after another, those with old and those with new certificates refuse each other",
  safeWay: [
    ...STILL,
    "With cert-manager, wait for its certificates (kubectl wait certificate --all -n noetl --for=condition=Ready): pods wait for their Secrets until then.",
    THROUGH,
  ],
  find: ({ before, after }) => {
    const now = signedIn(after.graph);
    const changed = [...signedIn(before.graph)].flatMap(([name, was]) => {
      const is = now.get(name);
      return is && is.by !== was.by ? [{ name, was, is }] : [];
    });
    const [first] = changed;
    if (!first) return [];
    return [
      {
        resource: first.is.resource,
        what: `${changed.map(({ name }) => name).join(", ")} of ${first.was.by} will be of ${first.is.by}`,
        avoid: "leave noetl:tls.mode as it was",
      },
    ];
  },
};

export const tlsBeginsOrEnds: Hazard = {
  id: "tls-begins-or-ends",
  title: "The server begins or ceases to ask for TLS",
  why: "its port knows one of both: while pods restart one after another, clients that still speak the other way get no answer, and what they were doing is reported late or not at all",
  safeWay: [...STILL, THROUGH],
  find: ({ before, after }): Danger[] => {
    const [was, is] = [
      signedIn(before.graph).get(MUTUAL_TLS_SECRETS.server),
      signedIn(after.graph).get(MUTUAL_TLS_SECRETS.server),
    ];
    const server = serverIn(after.graph);
    if ((was === undefined) === (is === undefined) || server === undefined || !serverIn(before.graph)) return [];
    return [
      {
        resource: is?.resource ?? server,
        what: is
          ? "the server, which took plain HTTP, will take TLS only"
          : "the server, which took TLS, will take plain HTTP only",
        avoid: `leave noetl:server.tls ${is ? "off" : "as it was"}`,
      },
    ];
  },
};

/** Whether there is a server; its URN. */
function serverIn({ resources }: ResourceGraph): string | undefined {
  return resources.find(
    ({ urn, type }) => urn.includes("noetl:noetl:NoetlServer$") && /:(Deployment|StatefulSet)$/.test(type),
  )?.urn;
}

/** The certificates of servers and clients, by the names of their Secrets. */
function signedIn({ resources }: ResourceGraph): ReadonlyMap<string, Signed> {
  const signed = new Map<string, Signed>();
  for (const { urn, inputs, ...resource } of resources) {
    const manifest = manifestOf({ urn, inputs, ...resource });
    if (!manifest) continue;
    const { name } = manifest.metadata;
    if (manifest.kind === "Secret" && urn.includes("noetl:tls:BuiltInAuthority$")) {
      signed.set(name, { resource: urn, by: "the program" });
    }
    if (manifest.kind === "Secret" && urn.includes("noetl:tls:GivenAuthority$")) {
      signed.set(name, { resource: urn, by: "a PKI of yours" });
    }
    if (manifest.kind === "Certificate" && urn.includes("noetl:tls:CertManagerAuthority$")) {
      const issuer = textOf(at(manifest.spec, "issuerRef", "name")) ?? "";
      const isOwn = /^noetl-(ca.*-issuer|selfsigned-issuer)$/.test(issuer);
      const kind = textOf(at(manifest.spec, "issuerRef", "kind")) ?? "Issuer";
      const secret = textOf(at(manifest.spec, "secretName")) ?? name;
      signed.set(secret.replace(/-certificate$/, ""), {
        resource: urn,
        by: isOwn ? "cert-manager by roots of its own" : `${kind} ${issuer}`,
      });
    }
  }
  return signed;
}
