import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import * as bridge from "./ollama-bridge-manifests";
import * as ollama from "./ollama-manifests";

export interface OllamaBridgeArgs extends Omit<bridge.BridgeFacts, "name" | "ollamaUrl"> {
  /** Where models run: the base URL of an Ollama that exists already, or one that is made here. */
  ollama: { url: string } | ollama.OllamaFacts;
  transform?: {
    deployment?: Transform<k8s.apps.v1.DeploymentArgs>;
    statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
  };
}

/**
 * Local language models for playbooks: an MCP server with the tools `chat`, `generate` and `list_models`, in front of
 * Ollama. It asks nobody who they are: let only workers reach it, by the flows of NetworkPolicies.
 *
 * `name` is the physical name of Deployment, Service and ServiceAccount.
 */
export class OllamaBridge extends pulumi.ComponentResource {
  /** Where playbooks call it, for a catalog entry of kind `Mcp`. */
  readonly url: string;

  constructor(name: string, args: OllamaBridgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:mcp:OllamaBridge", name, {}, opts);
    const child = { parent: this };
    const { namespace, ollama: backend, transform } = args;
    const ollamaUrl = "url" in backend ? backend.url : ollama.ollamaUrl(namespace);
    const facts: bridge.BridgeFacts = { ...args, name, ollamaUrl };

    new k8s.core.v1.ServiceAccount(name, bridge.serviceAccount(facts), child);
    new k8s.core.v1.Service(name, bridge.service(facts), child);
    if (facts.replicas > 1) new k8s.policy.v1.PodDisruptionBudget(name, bridge.disruptionBudget(facts), child);
    new k8s.apps.v1.Deployment(name, apply(transform?.deployment, bridge.deployment(facts)), child);
    if (!("url" in backend)) {
      const backendName = `${name}-${ollama.OLLAMA}`;
      new k8s.core.v1.ServiceAccount(backendName, ollama.serviceAccount(namespace), child);
      new k8s.core.v1.Service(backendName, ollama.service(namespace), child);
      const statefulSet = ollama.statefulSet(namespace, backend);
      new k8s.apps.v1.StatefulSet(backendName, apply(transform?.statefulSet, statefulSet), child);
    }

    this.url = `http://${name}.${namespace.name}.svc.cluster.local:${args.port}/jsonrpc`;
    this.registerOutputs();
  }
}
