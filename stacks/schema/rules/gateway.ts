import { rule, when } from "./rule";

export const noBypassInProduction = rule(
  "`gateway.authBypass` is false in profile `gke`",
  ["profile", "gateway"],
  ({ profile, gateway }) =>
    when(profile === "gke" && gateway?.authBypass === true, {
      path: ["gateway", "authBypass"],
      message: "anybody could call the server through the gateway, and profile gke is production",
      allowed: "false",
      see: ["profile"],
    }),
);

/** They share a namespace, and a Deployment of the same name would be one. */
export const gatewaysOwnName = rule(
  "`gateway.name` is not the name of the server, of a worker pool or of Ollama and its bridge",
  ["gateway", "server", "workerPools"],
  ({ gateway, server, workerPools }) => {
    if (!gateway) return [];
    const path = ["gateway", "name"] as const;
    const pool = workerPools.findIndex(({ name }) => name === gateway.name);
    return [
      ...when(gateway.name === server.name, {
        path,
        message: `"${gateway.name}" is the server's name, server.name`,
        allowed: "another name than server.name",
        see: ["server", "name"],
      }),
      ...when(pool >= 0, {
        path,
        message: `"${gateway.name}" is the name of workerPools[${pool}]`,
        allowed: "another name than those of the worker pools",
        see: ["workerPools", pool, "name"],
      }),
      ...when(gateway.name === "default", {
        path,
        message: '"default" is the name of the namespace\'s own ServiceAccount',
        allowed: "another name than default",
      }),
    ];
  },
);

const OLLAMA_NAMES = ["ollama-bridge", "ollama"];

export const namesOfOllama = rule(
  `with \`ollamaBridge\`, neither server nor worker pool nor gateway is named ${OLLAMA_NAMES.map((name) => `\`${name}\``).join(" or ")}`,
  ["ollamaBridge", "server", "workerPools", "gateway"],
  ({ ollamaBridge, server, workerPools, gateway }) => {
    if (!ollamaBridge) return [];
    const names = [
      { path: ["server", "name"] as const, name: server.name },
      ...workerPools.map(({ name }, index) => ({ path: ["workerPools", index, "name"] as const, name })),
      ...(gateway ? [{ path: ["gateway", "name"] as const, name: gateway.name }] : []),
    ];
    return names.flatMap(({ path, name }) =>
      when(OLLAMA_NAMES.includes(name), {
        path,
        message: `"${name}" is a name of the Ollama bridge's, ollamaBridge`,
        allowed: "another name",
        see: ["ollamaBridge"],
      }),
    );
  },
);

export const oneOllama = rule(
  "`ollamaBridge` has either `ollamaUrl` or `backend`",
  ["ollamaBridge"],
  ({ ollamaBridge }) => {
    if (!ollamaBridge) return [];
    const { ollamaUrl, backend } = ollamaBridge;
    return [
      ...when(ollamaUrl === undefined && backend === undefined, {
        path: ["ollamaBridge"],
        message: "has no Ollama to ask",
        allowed: "ollamaUrl with the URL of an Ollama, or backend: {} for one of the platform's own",
      }),
      ...when(ollamaUrl !== undefined && backend !== undefined, {
        path: ["ollamaBridge", "ollamaUrl"],
        message: "names another Ollama than ollamaBridge.backend",
        allowed: "either ollamaUrl or backend",
        see: ["ollamaBridge", "backend"],
      }),
    ];
  },
);
