import { z } from "zod";
import { objectName } from "./fields";

export const dashboardsSchema = z
  .strictObject({
    namespace: objectName()
      .optional()
      .describe(
        "Namespace in which the sidecar of Grafana looks for them; it must exist already. Default: that of the platform, `noetl`.",
      ),
  })
  .optional()
  .describe("Dashboards for a Grafana that is there already, as ConfigMaps. Without this key there are none.");
