import { z } from "zod";
import { objectName, resources, whole } from "./fields";

export const certManagerSchema = z
  .strictObject({
    install: z
      .boolean()
      .optional()
      .describe(
        "Install cert-manager with its Helm chart. A cluster has one at most: false where it has one. Default: no, and the preview asks when certificates need it.",
      ),
    namespace: objectName().default("cert-manager").describe("Namespace of the operator."),
    replicas: whole(1, 10)
      .optional()
      .describe(
        "Pods each of controller, webhook and CA injector; with more than one, a PodDisruptionBudget keeps one of each. Default: of the profile, 1 (kind) or 2 (gke).",
      ),
    logLevel: whole(0, 6).default(2).describe("Log level of the operator: 0 for errors only, 6 for everything."),
    metrics: z
      .boolean()
      .default(true)
      .describe("Serve the operator's own metrics on port 9402: the days that certificates have left."),
    resources: resources({
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }),
  })
  .prefault({})
  .describe("cert-manager, which `tls` with `mode: certManager` needs.");
