import { z } from "zod";
import { date, objectName, secretName, whole } from "./fields";
import { given } from "./tls-given";

const generation = () => whole(1, 1000);

const signing = generation()
  .default(1)
  .describe("Generation of the root that signs. A roll to the next one takes three edits: see docs/components/tls.md.");

const rootDays = whole(2, 36500).default(3650).describe("Days a root holds (the platform's manifests say 87600h).");

const leafDays = {
  days: whole(2, 3650).default(365).describe("Days a certificate holds (the platform's manifests say 8760h)."),
  renewBefore: whole(1, 3650)
    .default(30)
    .describe("Days before its end from which a certificate is to be renewed (the platform's manifests say 720h)."),
};

const off = z
  .strictObject({ mode: z.literal("off").describe("No certificates.") })
  .describe("No certificates: as if the key were not there.");

const builtIn = z
  .strictObject({
    mode: z
      .literal("builtIn")
      .describe("This program signs, for clusters without cert-manager. A renewal is an edit of `leaves.issuedOn`."),
    ca: z
      .strictObject({
        generation: signing,
        trusted: z
          .array(
            z
              .strictObject({
                generation: generation().describe("Number of the root."),
                issuedOn: date().describe("Day from which it holds; no edit of it later, or it is another root."),
              })
              .describe("A root."),
          )
          .min(1)
          .max(2)
          .describe("Roots that every peer trusts: one, or two during a roll."),
        days: rootDays,
      })
      .describe("Roots of the platform's own."),
    leaves: z
      .strictObject({
        issuedOn: date().describe("Day from which certificates hold. A later day renews them all, with new keys."),
        ...leafDays,
      })
      .describe("Certificates of servers and clients."),
  })
  .describe("Certificates made by this program: P-256 keys from a seed in Pulumi's state.");

const operated = {
  leaves: z.strictObject(leafDays).prefault({}).describe("Certificates of servers and clients."),
  trustConfigMap: secretName()
    .optional()
    .describe(
      "ConfigMap whose `ca.crt` has the roots to trust, in every namespace with certificates, as trust-manager writes it. Default: the `ca.crt` of the certificates' Secrets.",
    ),
  reloader: z
    .boolean()
    .default(false)
    .describe(
      "Stakater's Reloader is in the cluster, and shall restart the pods of a renewed certificate. Without it, somebody has to.",
    ),
};

const certManager = z
  .strictObject({
    mode: z
      .literal("certManager")
      .describe("cert-manager signs, by a root that it makes. It must be in the cluster: see `certManager`."),
    ca: z
      .strictObject({
        generation: signing,
        trusted: z
          .array(generation())
          .min(1)
          .max(2)
          .default([1])
          .describe("Generations of roots that every peer trusts: one, or two during a roll."),
        days: rootDays,
        kind: z
          .enum(["Issuer", "ClusterIssuer"])
          .default("Issuer")
          .describe("Issuers of namespace `noetl` only, or of the whole cluster, which other namespaces need."),
        operatorNamespace: objectName()
          .default("cert-manager")
          .describe("Where cert-manager looks for the Secrets of a ClusterIssuer."),
      })
      .prefault({})
      .describe("Roots of the platform's own."),
    ...operated,
  })
  .describe("Certificates made by cert-manager, under a root of the platform's own.");

const issuer = z
  .strictObject({
    mode: z.literal("issuer").describe("cert-manager signs, by an issuer that there is."),
    issuer: z
      .strictObject({
        name: secretName().describe("Name of the issuer."),
        kind: kubernetesKind()
          .default("ClusterIssuer")
          .describe("Kind of the issuer, such as Issuer or ClusterIssuer."),
        group: secretName()
          .default("cert-manager.io")
          .describe("API group of the issuer, such as cas-issuer.jetstack.io for Google CAS."),
      })
      .describe("The issuer. Its roots, and their renewal, are not this program's."),
    ...operated,
  })
  .describe("Certificates made by cert-manager, by an issuer of yours.");

/** A kind of the Kubernetes API. */
function kubernetesKind() {
  return z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{0,62}$/)
    .meta({ kind: "kind", allowed: "a kind of the Kubernetes API, such as ClusterIssuer" });
}

export const tlsSchema = z
  .discriminatedUnion("mode", [off, builtIn, certManager, issuer, given], {
    error: '"builtIn", "certManager", "issuer", "given" or "off"',
  })
  .prefault({ mode: "off" })
  .describe("Who signs the platform's certificates. Off unless this key is given; `mode` then has no default.");
