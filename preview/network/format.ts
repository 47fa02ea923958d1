import { portTitle, type Flow } from "../../components/network/flow";
import type { Style } from "../style";
import { type Matrix, type Cell, portsText } from "./matrix";

/** The table for a terminal: who may connect to whom, a block for each that is connected to. */
export function matrixText({ stack, mode, flows }: Matrix, paint: Style): string {
  const head = `${paint.bold(stack)}  ${paint.dim(headline(mode, flows))}\n`;
  const width = Math.max(...flows.map(({ from }) => from.name.length));
  const ports = Math.max(...flows.map((flow) => portsOf(flow).length));
  const blocks = calledIn(flows).map((name) => {
    const rows = flows.filter(({ to }) => to.name === name);
    const lines = rows.map((flow) =>
      `  ${flow.from.name.padEnd(width)}  ${portsOf(flow).padEnd(ports)}  ${paint.dim(flow.reason)}`.trimEnd(),
    );
    return `\n${paint.dim("to")} ${paint.bold(name)}\n${lines.join("\n")}\n`;
  });
  return head + blocks.join("");
}

/** One page: the flows with their reasons, then what the policies let through for every pair. */
export function matrixMarkdown(matrix: Matrix): string {
  const { stack, mode, flows, cells } = matrix;
  const rows = flows.map((flow) => [flow.from.name, flow.to.name, portsOf(flow), sentence(flow)]);
  const called = matrix.actors.filter(
    (actor) => actor.ports.length > 0 || cells.some((cell) => cell.to === actor && isOpen(cell)),
  );
  const grid = matrix.actors
    .filter((from) => cells.some((cell) => cell.from === from))
    .map((from) => [
      from.name,
      ...called.map((to) => cellText(cells.find((cell) => cell.from === from && cell.to === to))),
    ]);
  return [
    `<!-- Made by noetl-ops network --stack ${stack} --format markdown; npm run render makes it anew. -->`,
    `# Network of stack ${stack}`,
    `${headline(mode, flows)}. [network.md](network.md) says how they become policies, and how to add one.`,
    "## Flows",
    table(["from", "to", "ports", "why"], rows),
    "## Every pair",
    `What the policies of the render let through, asked for each pair and each port that anybody has: rows connect to columns. An empty cell is a pair that is denied; \`·\` one that the platform has no say in.`,
    table(["from \\ to", ...called.map(({ name }) => name)], grid),
    "",
  ].join("\n\n");
}

/** The same as data. */
export function matrixData({ stack, mode, actors, cells, flows }: Matrix) {
  return {
    stack,
    mode,
    actors: actors.map(({ name, namespace, ours, ports }) => ({ name, namespace: namespace ?? null, ours, ports })),
    allowed: cells
      .filter(isOpen)
      .map(({ from, to, ports, every }) => ({ from: from.name, to: to.name, ports: every ? "every" : ports })),
    flows: flows.map(({ from, to, ports, reason, setting }) => ({
      from: from.name,
      to: to.name,
      ports,
      reason,
      setting: setting ?? null,
    })),
  };
}

/** Whether the policies let anything through. */
export function isOpen({ ports, every }: Cell): boolean {
  return every || ports.length > 0;
}

export function headline(mode: Matrix["mode"], flows: readonly Flow[]): string {
  if (mode === "off") return "Network policies are off: everybody may connect to everybody";
  return `Nothing is allowed but these ${flows.length} flows`;
}

/** Names of those that are connected to, in the order of the table. */
function calledIn(flows: readonly Flow[]): string[] {
  return [...new Set(flows.map(({ to }) => to.name))];
}

function portsOf({ ports }: Flow): string {
  return ports.length === 0 ? "every port" : ports.map(portTitle).join(", ");
}

function sentence({ reason, setting }: Flow): string {
  return setting === undefined ? reason : `${reason} (\`${setting}\`)`;
}

function cellText(cell: Cell | undefined): string {
  return cell ? portsText(cell) : "·";
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
