import { z } from "zod";
import { IMAGES } from "../versions";
import { bytes, httpUrl, image, line, port, resources, whole } from "./fields";

const backend = z
  .strictObject({
    image: image().default(IMAGES.ollama).describe("Ollama image."),
    model: line(255)
      .default("gemma3:4b")
      .describe("Model that is pulled before Ollama serves; needs the Internet once."),
    storage: bytes().default("20Gi").describe("Size of the volume with the models."),
    resources: resources({
      requests: { cpu: "500m", memory: "8Gi" },
      limits: { cpu: "2", memory: "10Gi" },
    }),
  })
  .describe("An Ollama of the platform's own. Only the bridge reaches it.");

export const ollamaBridgeSchema = z
  .strictObject({
    image: image()
      .default(IMAGES.noetlPython)
      .describe("Image with the Python package `noetl`, which the bridge is a part of."),
    replicas: whole(1, 100).default(1).describe("Pods."),
    port: port().default(8765).describe("Port of JSON-RPC and health (OLLAMA_BRIDGE_PORT)."),
    timeout: whole(1, 3600).default(120).describe("Seconds until a call of Ollama fails (OLLAMA_TIMEOUT_SECONDS)."),
    ollamaUrl: httpUrl().optional().describe("An Ollama that exists already (OLLAMA_URL); either this or `backend`."),
    backend: backend.optional(),
    resources: resources({
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }),
  })
  .optional()
  .describe(
    "Local language models for playbooks, as an MCP server in front of Ollama. It asks nobody who they are, so only workers reach it. Without this key there is none.",
  );
