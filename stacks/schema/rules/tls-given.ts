import { isOwnerEach } from "../../../components/noetl/server-manifests";
import type { Usage } from "../../../components/tls/authority";
import { givenProblems } from "../../../components/tls/given-certificate";
import type { PlatformConfig } from "..";
import { PLACEHOLDER } from "../fields";
import { rule, type RulePath, type RuleProblem } from "./rule";

type Owner = keyof Extract<PlatformConfig["tls"], { mode: "given" }>["given"];
type Needs = Pick<PlatformConfig, "server" | "gateway" | "nats" | "flight">;

/** Which certificates a stack needs, and the setting that says so. */
function needed({ server, gateway, nats, flight }: Needs): [Owner, RulePath][] {
  const isOn = server.tls !== "off";
  const all: [Owner, boolean | undefined, RulePath][] = [
    ["server", isOn, ["server", "tls"]],
    ["worker", isOn, ["server", "tls"]],
    ["gateway", isOn && gateway !== undefined, ["gateway"]],
    ["scrape", isOn && server.metrics, ["server", "metrics"]],
    ["nats", isOn && nats.tls?.platform, ["nats", "tls", "platform"]],
    ["flight", flight?.serverTls, ["flight", "serverTls"]],
    ["flightClient", flight?.clientTls, ["flight", "clientTls"]],
  ];
  return all.flatMap(([owner, isNeeded, by]) => (isNeeded ? [[owner, by] as [Owner, RulePath]] : []));
}

export const givenIsComplete = rule(
  "with `tls.mode: given`, each certificate that the stack needs is in `tls.given`",
  ["tls", "server", "gateway", "nats", "flight"],
  ({ tls, ...config }): RuleProblem[] => {
    if (tls.mode !== "given") return [];
    return needed(config).flatMap(([owner, by]): RuleProblem[] =>
      tls.given[owner]
        ? []
        : [
            {
              path: ["tls", "given", owner],
              message: `is missing: ${by.join(".")} needs it`,
              allowed: "certificate, key and ca",
              next: `run for certificate and ca: ${command(owner, "certificate")}; for the key: ${command(owner, "key")}`,
              see: by,
            },
          ],
    );
  },
);

/** Offline, keys are unknown: whether they fit is told only during an update, before anything is applied. */
export const givenIsSound = rule(
  "each certificate of `tls.given` can be read, is signed by its `ca`, is of its `key` and for what its owner does; each `ca` may sign",
  ["tls", "server"],
  ({ tls, server }): RuleProblem[] => {
    if (tls.mode !== "given") return [];
    const usages: Record<Owner, readonly Usage[]> = {
      server: isOwnerEach(server) ? ["server", "client"] : ["server"],
      worker: ["client"],
      gateway: ["client"],
      scrape: ["client"],
      nats: ["server", "client"],
      flight: ["server"],
      flightClient: ["client"],
    };
    return (Object.keys(usages) as Owner[]).flatMap((owner) => {
      const files = tls.given[owner];
      if (!files) return [];
      const key = files.key === PLACEHOLDER ? undefined : files.key;
      return givenProblems({ ...files, key }, usages[owner]).map(({ part, message, allowed }) => ({
        path: ["tls", "given", owner, part] as const,
        message,
        allowed,
        next: `run: ${command(owner, part)}`,
      }));
    });
  },
);

/** From a file, so that no shell history keeps a key. */
function command(owner: Owner, part: "certificate" | "key" | "ca"): string {
  const secret = part === "key" ? " --secret" : "";
  return `pulumi config set${secret} --path 'noetl:tls.given.${owner}.${part}' < FILE.pem`;
}
