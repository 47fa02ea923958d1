import { z } from "zod";
import { DEFAULT_DATABASE } from "../../components/mcp/firestore-database";
import { firestoreDatabase, firestoreLocation, image, line, port, resources, whole } from "./fields";

const index = z
  .strictObject({
    collection: line(1500).describe("Id of the collections, wherever they are, such as `stops`."),
    fields: z
      .array(
        z
          .strictObject({
            path: line(1500).describe("Name of a field; parts of nested fields are joined by '.'."),
            order: z
              .enum(["ascending", "descending", "contains"])
              .default("ascending")
              .describe("`contains` is for filters with array-contains."),
          })
          .describe("A field."),
      )
      .min(2)
      .max(100)
      .describe("In the order in which queries use them."),
  })
  .describe("A composite index.");

export const firestoreAgentSchema = z
  .strictObject({
    image: image().describe("Image of agents/firestore, which you build and push: see docs/firestore-agent.md."),
    replicas: whole(1, 100).default(2).describe("Pods."),
    port: port().default(8780).describe("Port of MCP and health (MCP_PORT)."),
    logLevel: z
      .enum(["DEBUG", "INFO", "WARNING", "ERROR"])
      .default("INFO")
      .describe("Least severity that is logged (LOG_LEVEL)."),
    database: firestoreDatabase().default(DEFAULT_DATABASE).describe("Name of the database (FIRESTORE_DATABASE)."),
    create: z
      .boolean()
      .default(true)
      .describe("Whether the database is made; `false` where the project has it already."),
    location: firestoreLocation().optional().describe("Where the data is; it can never change. Default: `gcp.region`."),
    pointInTimeRecovery: z
      .boolean()
      .default(true)
      .describe("Whether every state of the last seven days can be read, otherwise only of the last hour."),
    indexes: z
      .array(index)
      .max(200)
      .default([])
      .describe("Composite indexes that queries of your playbooks need, beside that of the event log."),
    resources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    }),
  })
  .optional()
  .describe(
    "Documents and event logs of Firestore for playbooks, as an MCP server of its own, with its database. Needs `gcp`. Without this key there is none.",
  );
