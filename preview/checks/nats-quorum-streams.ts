import { counted } from "../amounts";
import { manifestOf, type Json, type ResourceGraph } from "../graph";
import { at, numberOf, objectOf, textOf } from "../json";
import { isClustered } from "../nats/conf";
import type { NatsServers } from "../nats/servers";
import type { Finding } from "./check";
import type { Report } from "./nats-quorum";

/** A stream or bucket that the stack declares. */
interface Declared {
  name: string;
  copies: number;
}

/** Copies of declared streams against servers. The copies of one stream never span clusters. */
export function streamFindings(graph: ResourceGraph, servers: readonly NatsServers[], report: Report): Finding[] {
  const largest = [...servers].sort((a, b) => b.workload.replicas.count - a.workload.replicas.count)[0];
  if (!largest) return [];
  const size = isClustered(largest.conf) ? largest.workload.replicas.count : 1;
  const streams = declaredStreams(graph);
  const many = streams.filter(({ copies }) => copies > size);
  const single = size >= 3 ? streams.filter(({ copies }) => copies === 1) : [];
  return [
    ...many.map(({ name, copies }) =>
      report(
        largest,
        "error",
        `stream ${name} asks for ${copies} copies, but a cluster has at most ${counted(size, "server")}: JetStream refuses it (${size === 1 ? "10074" : "10005"})`,
        `give it ${size === 1 ? "1 copy" : `${size} copies or fewer`}, or run ${copies} servers`,
      ),
    ),
    ...(single.length > 0
      ? [
          report(
            largest,
            "warning",
            `${single.map(({ name }) => name).join(", ")}: 1 copy on one of ${size} servers; without that server the stream is offline, and with its volume it is lost`,
            "give each stream 3 copies",
          ),
        ]
      : []),
  ];
}

/** Streams as JetStream configurations in ConfigMaps (`*.stream.json`), and as custom resources of NACK. */
function declaredStreams(graph: ResourceGraph): Declared[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind === "ConfigMap") {
      return Object.entries(objectOf(manifest.data)).flatMap(([file, text]) =>
        file.endsWith(".stream.json") && typeof text === "string" ? declared(parsed(text), "num_replicas") : [],
      );
    }
    return manifest?.kind === "Stream" && manifest.apiVersion.startsWith("jetstream.nats.io/")
      ? declared(manifest.spec, "replicas")
      : [];
  });
}

function declared(config: Json | undefined, key: string): Declared[] {
  const name = textOf(at(config, "name"));
  return name === undefined ? [] : [{ name, copies: numberOf(at(config, key)) ?? 1 }];
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
