import { z } from "zod";
import { MANAGER_PATH } from "../../components/secrets/manager-path";
import { GCP_WAYS } from "../../components/secrets/ways";
import { catalogPath, duration, line, objectName, whole } from "./fields";

const refreshInterval = duration()
  .default("5m")
  .describe("How often the External Secrets Operator looks for new values.");

const kubernetes = z
  .strictObject({
    kind: z.literal("kubernetes").describe("The program makes the Secrets, of values in Pulumi's state."),
  })
  .describe(
    "The program makes the Secrets itself, of `secrets` and of generated values, which its state keeps encrypted.",
  );

const gcp = z
  .strictObject({
    kind: z.literal("gcp").describe("The values are in Google Secret Manager, in the project of `gcp`."),
    projectNumber: whole(1, 999_999_999_999_999).describe(
      "Number of the project of `gcp`, by which Workload Identity names accounts; Google gives it, and it is not the id: gcloud projects describe PROJECT --format='value(projectNumber)'.",
    ),
    by: z
      .enum(GCP_WAYS)
      .default("secretSync")
      .describe(
        "How Kubernetes Secrets come to be. `secretSync`: GKE makes them, in the profile `gke` only (GKE 1.34 or newer, with `secretSyncConfig`: a cluster that the infrastructure layer makes has it, any other needs gcloud container clusters update NAME --enable-secret-sync). `csi`: the open-source Secrets Store CSI driver with provider gcp, while a pod of this program mounts them. `externalSecrets`: the External Secrets Operator. `gkeAddOn`, which only mounts files, cannot give what the platform's pods read, and is refused.",
      ),
    create: z
      .boolean()
      .default(false)
      .describe(
        "Write the values, given or generated, to Secret Manager. Pulumi's state then holds them, encrypted, as with `kubernetes`. Otherwise they are in Secret Manager already, and the state holds none.",
      ),
    entries: z
      .array(
        z
          .strictObject({
            name: objectNameOfEntry().describe("Name of the value, as `noetl-ops secrets list` tells it."),
            path: managerPath().describe("Where it is kept instead."),
          })
          .describe("A value that is kept elsewhere."),
      )
      .max(100)
      .default([])
      .describe("Values that are not at projects/PROJECT/secrets/NAME/versions/latest."),
    refreshInterval,
  })
  .describe("Google Secret Manager, read as Kubernetes accounts by Workload Identity.");

const vault = z
  .strictObject({
    kind: z
      .literal("vault")
      .describe("The values are in HashiCorp Vault: the one that `server.keychain.vault` describes."),
    folder: catalogPath()
      .default("noetl")
      .describe("Folder in the KV v2 mount: each value is property `value` of MOUNT/FOLDER/NAME."),
    authMount: catalogPath().default("kubernetes").describe("Mount of Vault's Kubernetes auth method."),
    role: line(128).default("noetl").describe("Role of the auth method that the accounts noetl-secrets log in to."),
    caConfigMap: objectName()
      .optional()
      .describe(
        "ConfigMap, in each namespace with Secrets of the platform, with the CA of the server under key ca.crt. Default: public CAs.",
      ),
    refreshInterval,
  })
  .describe("HashiCorp Vault, read by the External Secrets Operator as Kubernetes accounts; no Vault token anywhere.");

/** The name of a value in a store. */
function objectNameOfEntry() {
  return z
    .string()
    .regex(/^[a-z][-a-z0-9]{0,254}$/)
    .meta({ kind: "name", allowed: "lower-case letters, digits and '-', such as noetl-encryption-key" });
}

/** A path of Secret Manager. */
function managerPath() {
  return z.string().regex(MANAGER_PATH).meta({
    kind: "Secret Manager path",
    allowed: "projects/PROJECT/secrets/NAME/versions/VERSION, VERSION a number or latest",
  });
}

export const secretProviderSchema = z
  .discriminatedUnion("kind", [kubernetes, gcp, vault], { error: '"kubernetes", "gcp" or "vault"' })
  .prefault({ kind: "kubernetes" })
  .describe(
    "Where the values of the platform's own Secrets come from. Pods read the same Secrets whatever this says. See docs/secrets.md.",
  );
