import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The kind stack with many more worker pools: seven resources for each. */
export function manyPools(count: number): string {
  const pools = Array.from({ length: count }, (_, index) =>
    [
      `    - name: pool-${index}`,
      `      poolName: pool-${index}`,
      `      replicas: 2`,
      `      consumer: pool_${index}`,
      `      filterSubject: noetl.commands.pool${index}.>`,
    ].join("\n"),
  );
  const kind = readFileSync(join(__dirname, "..", "Pulumi.kind.yaml"), "utf8");
  // The budget of one laptop is no limit here.
  return kind
    .replace(/ {4}# What a default[^]*?memory: 8Gi\n/, "")
    .replace("  noetl:workerPools:\n", (line) => `${line}${pools.join("\n")}\n`);
}
