import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Platform } from "../../../preview/checks";
import { loadPlatform } from "../../../preview/load-platform";
import { isOpen, matrixData, matrixMarkdown } from "../../../preview/network/format";
import { flowsBetween, matrixOf, type Matrix } from "../../../preview/network/matrix";
import { ask } from "../../../preview/network/may";
import { networkPicture } from "../../../preview/network/picture";

const ROOT = join(__dirname, "..", "..", "..");

/** Who may and may not reach the database, which is in the cluster on kind, and Cloud SQL behind PgBouncer on gke. */
const DATABASE: Record<string, { open: [string, string, number][]; closed: [string, string, number][] }> = {
  kind: {
    open: [
      ["server", "postgres", 5432],
      ["schema", "postgres", 5432],
    ],
    closed: [
      ["workers", "postgres", 5432],
      ["gateway", "postgres", 5432],
      ["system-pool", "postgres", 5432],
      ["playbook-jobs", "postgres", 5432],
      ["postgres", "8.8.8.8", 443],
      ["postgres", "kube-dns", 53],
      ["kube-dns", "postgres", 5432],
    ],
  },
  gke: {
    open: [
      ["server", "pgbouncer", 5432],
      ["pgbouncer", "cloud-sql", 3307],
      ["schema", "cloud-sql", 3307],
    ],
    closed: [
      ["server", "cloud-sql", 3307],
      ["schema", "pgbouncer", 5432],
      ["workers", "pgbouncer", 5432],
      ["workers", "cloud-sql", 3307],
      ["gateway", "pgbouncer", 5432],
      ["system-pool", "pgbouncer", 5432],
      ["playbook-jobs", "pgbouncer", 5432],
      ["pgbouncer", "nats", 4222],
      ["kube-dns", "pgbouncer", 5432],
    ],
  },
};

describe.each(["gke", "kind"])("the network of stack %s", (stack) => {
  const { open, closed } = DATABASE[stack] ?? { open: [], closed: [] };
  let platform: Platform;
  let matrix: Matrix;

  beforeAll(async () => {
    platform = await loadPlatform(join(ROOT, `Pulumi.${stack}.yaml`));
    matrix = matrixOf(platform);
  });

  const may = (from: string, to: string, port?: number): boolean =>
    ask(platform, matrix, [from, to], port).some(({ allowed }) => allowed);

  test("every pair is what docs shows of it", () => {
    const page = join(ROOT, "docs", `network-${stack}.md`);
    const committed = readFileSync(page, "utf8");
    const current = matrixMarkdown(matrix);
    // Like a render: the new page takes the place of the old, and the test fails all the same.
    writeFileSync(page, current);
    expect(committed).toBe(current);
  });

  test("the policies let through exactly what the table says: each open cell has its flow, each flow an open cell", () => {
    const unexplained = matrix.cells
      .filter(isOpen)
      .filter(({ from, to }) => flowsBetween(matrix, from, to).length === 0)
      .map(({ from, to }) => `${from.name} → ${to.name}`);
    expect(unexplained).toEqual([]);
    const unopened = matrix.cells
      .filter(({ ports, every, ...cell }) =>
        flowsBetween(matrix, cell.from, cell.to).some(
          (flow) =>
            (flow.ports.length === 0 && !every) ||
            flow.ports.some(
              (wanted) =>
                !ports.some(
                  ({ port, protocol = "TCP" }) => port === wanted.port && protocol === (wanted.protocol ?? "TCP"),
                ),
            ),
        ),
      )
      .map(({ from, to }) => `${from.name} → ${to.name}`);
    expect(unopened).toEqual([]);
  });

  test.each([
    ...open,
    ["server", "nats", 4222],
    ["workers", "nats", 4222],
    ["workers", "server", 8082],
    ["system-pool", "server", 8082],
    ["gateway", "server", 8082],
    ["gateway", "nats", 4222],
    ["cleanup", "server", 8082],
    ["keda-operator", "nats", 8222],
    ["workers", "8.8.8.8", 443],
  ])("%s reaches %s on %i", (from, to, port) => {
    expect(may(from, to, port)).toBe(true);
  });

  test.each([
    ...closed,
    ["cleanup", "nats", 4222],
    ["workers", "nats", 8222],
    ["workers", "nats", 6222],
    ["workers", "10.0.0.1", 5432],
    ["workers", "169.254.169.254", 80],
    ["playbook-jobs", "server", 8082],
    ["system-pool", "8.8.8.8", 443],
    ["gateway", "8.8.8.8", 443],
    ["nats", "8.8.8.8", 443],
  ])("%s does not reach %s on %i", (from, to, port) => {
    expect(may(from, to, port)).toBe(false);
  });

  test("its picture shows every party and is self-contained", () => {
    const svg = networkPicture(matrix);
    for (const { from, to } of matrix.flows) {
      expect(svg).toContain(`>${from.name}</text>`);
      expect(svg).toContain(`>${to.name}</text>`);
    }
    expect(svg).not.toMatch(/<image|<script|href=/);
  });

  test("as data it has every open pair", () => {
    const { allowed, mode } = matrixData(matrix);
    expect(mode).toBe("enforced");
    const [[, database, port] = []] = open;
    const server = allowed.find(({ from, to }) => from === "server" && to === database);
    expect(server?.ports).toEqual([expect.objectContaining({ port })]);
    expect(allowed.filter(({ from, to }) => from === "workers" && to === database)).toEqual([]);
  });
});
