import { NAME, SERVICE } from "../../../components/noetl/python-server-manifests";
import { TOKEN } from "../../../components/tls/flight-names";
import { repetitions, rule, when, type RulePath, type RuleProblem } from "./rule";

export const flightNeedsServer = rule(
  "`flight` needs `pythonServer`, which serves it",
  ["flight", "pythonServer"],
  ({ flight, pythonServer }) =>
    when(flight !== undefined && pythonServer === undefined, {
      path: ["flight"],
      message: "nobody serves Flight: the Rust server does not",
      allowed: "no flight, unless there is a pythonServer",
      next: "add noetl:pythonServer: {}, or remove noetl:flight",
    }),
);

/** C2.1 to C2.4 build on each other. */
export const flightSwitches = rule(
  "of `flight`, `clientTls`, `bearer` and `mutual` need `serverTls`, `mutual` needs `clientTls`, and `serverTls` needs somebody who signs, `tls.mode`",
  ["flight", "tls"],
  ({ flight, tls }): RuleProblem[] => {
    if (!flight) return [];
    const needs = (name: "clientTls" | "bearer" | "mutual", on: "serverTls" | "clientTls", message: string) =>
      when(flight[name] && !flight[on], {
        path: ["flight", name],
        message,
        allowed: `false, unless flight.${on} is true`,
        see: ["flight", on],
      });
    return [
      ...when(flight.serverTls && tls.mode === "off", {
        path: ["flight", "serverTls"],
        message: "nobody signs the server's certificate",
        allowed: "false, unless noetl:tls says who signs",
        next: "set noetl:tls, for example: { mode: certManager }",
        see: ["tls", "mode"],
      }),
      ...needs("clientTls", "serverTls", "a server without a certificate has nothing that clients could trust"),
      ...needs("bearer", "serverTls", "the token would cross the network in plain text"),
      ...needs("mutual", "serverTls", "a server without TLS asks nobody for a certificate"),
      ...needs("mutual", "clientTls", "workers would have no certificate, and be refused"),
    ];
  },
);

export const presentedIsAccepted = rule(
  "`flight.tokens.current` is one of `flight.tokens.accepted`, which names each once",
  ["flight"],
  ({ flight }): RuleProblem[] => {
    if (!flight) return [];
    const { current, accepted } = flight.tokens;
    return [
      ...when(!accepted.includes(current), {
        path: ["flight", "tokens", "current"],
        message: `workers would present token ${current}, which the server does not take`,
        allowed: `a number of flight.tokens.accepted: ${accepted.join(", ")}`,
        next: `add ${current} to flight.tokens.accepted, and apply that before workers present it`,
        see: ["flight", "tokens", "accepted"],
      }),
      ...repetitions(accepted.map(String)).map(([index, first]) => ({
        path: ["flight", "tokens", "accepted", index] as const,
        message: `token ${accepted[index] ?? ""} is in the list already`,
        allowed: "each token once",
        see: ["flight", "tokens", "accepted", first] as const,
      })),
    ];
  },
);

export const pythonPoolBounds = rule(
  "`pythonServer.pool.min` is at most `pythonServer.pool.max`",
  ["pythonServer"],
  ({ pythonServer }) => {
    const { min, max } = pythonServer?.pool ?? { min: 0, max: 0 };
    return when(min > max, {
      path: ["pythonServer", "pool", "min"],
      message: `${min} is more than pythonServer.pool.max, ${max}`,
      allowed: `a whole number from 1 to ${max}`,
      see: ["pythonServer", "pool", "max"],
    });
  },
);

/** A pool gets the token by itself; a variable of the same name would be one of two. */
export const oneFlightToken = rule(
  "with `flight.bearer`, no pool's `keychain` has a variable NOETL_FLIGHT_BEARER_TOKEN of its own",
  ["flight", "workerPools"],
  ({ flight, workerPools }): RuleProblem[] =>
    !flight?.bearer
      ? []
      : workerPools.flatMap(({ runtime, keychain }, pool) =>
          keychain.flatMap(({ variable }, index) =>
            when(runtime === "rust" && variable === TOKEN, {
              path: ["workerPools", pool, "keychain", index, "variable"],
              message: "the pool has this variable already, by flight.bearer",
              allowed: "another variable",
              see: ["flight", "bearer"],
            }),
          ),
        ),
);

export const pythonServerName = rule(
  "with `pythonServer`, nothing else is named `noetl-server` or `noetl`",
  ["pythonServer", "workerPools", "systemPool", "subscriptions", "server", "gateway"],
  ({ pythonServer, workerPools, systemPool, subscriptions, server, gateway }): RuleProblem[] => {
    const named: [string, RulePath][] = [
      [server.name, ["server", "name"]],
      [systemPool.name, ["systemPool", "name"]],
      ...(gateway ? [[gateway.name, ["gateway", "name"]] as [string, RulePath]] : []),
      ...workerPools.map(({ name }, index): [string, RulePath] => [name, ["workerPools", index, "name"]]),
      ...subscriptions.map(({ name }, index): [string, RulePath] => [name, ["subscriptions", index, "name"]]),
    ];
    return named.flatMap(([name, path]) =>
      when(pythonServer !== undefined && (name === NAME || name === SERVICE), {
        path,
        message: `"${name}" is the name of pythonServer already`,
        allowed: "a name of its own",
        see: ["pythonServer"],
      }),
    );
  },
);
