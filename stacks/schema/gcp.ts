import { z } from "zod";
import { REGIONS } from "../../components/gcp/regions";
import { gcpProject } from "./fields";

export const gcpSchema = z
  .strictObject({
    project: gcpProject().describe("Id of the project that everything of this stack is in."),
    region: z
      .enum(REGIONS)
      .meta({ kind: "region", allowed: "a region of Google Cloud such as us-central1 or europe-west4" })
      .describe("Region of everything that is in one: cluster, database, registry, addresses."),
  })
  .optional()
  .describe("Google Cloud: where the stack's resources there are. Without this key there are none.");
