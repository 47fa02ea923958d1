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
