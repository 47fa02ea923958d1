import { bytesText, counted } from "../../preview/amounts";
import type { Style } from "../../preview/style";
import type { MetaStatus, NatsStatus, ServerStatus, StatusFinding, StreamStatus } from "./status";

/** A status for people. */
export function formatStatus(status: NatsStatus, paint: Style): string {
  const { healthy, servers, unreachable, meta, streams, findings } = status;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const verdict = healthy
    ? paint.green("healthy")
    : paint.red(errors > 0 ? counted(errors, "error") : "no server answers");
  return [
    `${paint.bold("servers")}  ${verdict}`,
    ...servers.map((server) => `  ${paint.green("✓")} ${serverLine(server)}`),
    ...unreachable.map(({ place, reason }) => `  ${paint.red("✗")} ${place}  ${reason}`),
    ...meta.map((group) => `  ${metaLine(group)}`),
    ...(streams.length > 0 ? ["", paint.bold("streams"), ...streams.flatMap(streamLines)] : []),
    ...(findings.length > 0 ? ["", ...findings.flatMap((finding) => findingLines(finding, paint))] : []),
    "",
  ].join("\n");
}

function serverLine({ name, cluster, version, domain, routes, gateways, leafnodes, ...used }: ServerStatus): string {
  const facts = [
    version,
    ...(cluster === "" ? ["standalone"] : [`cluster ${cluster}`, counted(routes.length, "route")]),
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    ...(gateways.length > 0 ? [`gateways to ${gateways.join(", ")}`] : []),
    ...(leafnodes > 0 ? [counted(leafnodes, "leafnode")] : []),
    `file ${bytesText(used.fileUsed)} of ${bytesText(used.fileLimit)}`,
    `memory ${bytesText(used.memoryUsed)} of ${bytesText(used.memoryLimit)}`,
  ];
  return `${name}  ${facts.join(" · ")}`;
}

function metaLine({ servers, leader, quorum }: MetaStatus): string {
  return `meta group of ${servers}, majority ${quorum}: ${leader === undefined ? "no leader" : `leader ${leader}`}`;
}

function streamLines({ account, name, leader, replicas, messages, bytes, consumers }: StreamStatus): string[] {
  const copies = replicas.map(({ name: replica, current, lag }) =>
    current ? replica : `${replica} (behind by ${lag})`,
  );
  const where = copies.length > 0 ? ` · copies on ${copies.join(", ")}` : "";
  return [
    `  ${account}/${name}  ${counted(messages, "message")}, ${bytesText(bytes)} · leader ${leader ?? "none"}${where}`,
    ...consumers.map(
      (consumer) => `    ${consumer.name}  ${consumer.pending} pending · ${consumer.ackPending} unacknowledged`,
    ),
  ];
}

function findingLines({ severity, about, problem, next }: StatusFinding, paint: Style): string[] {
  const mark = severity === "error" ? paint.red("error  ") : paint.yellow("warning");
  return [`${mark}  ${about} ${problem}`, `         ${paint.dim(`next: ${next}`)}`];
}
