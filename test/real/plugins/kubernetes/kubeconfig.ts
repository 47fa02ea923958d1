import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { KubeCredentials } from "../../support/kube-http";
import type { Values } from "../values";

/** The parts of a kubeconfig that are read here; certificates are in the file itself. */
interface Kubeconfig {
  "current-context"?: string;
  clusters?: { name: string; cluster: { server: string; "certificate-authority-data": string } }[];
  users?: { name: string; user: { "client-certificate-data": string; "client-key-data": string } }[];
  contexts?: { name: string; context: { cluster: string; user: string } }[];
}

/**
 * Reads how to reach the cluster.
 *
 * @param args the provider's `kubeconfig` (text or path) and `context`
 * @throws Error when there is no such context
 */
export function readCredentials(
  { kubeconfig, context }: Values,
  env: Readonly<Record<string, string | undefined>>,
): KubeCredentials {
  const given = typeof kubeconfig === "string" ? kubeconfig : undefined;
  const place = given ?? env.KUBECONFIG ?? join(env.HOME ?? "", ".kube", "config");
  const isText = place.includes("\n") || place.startsWith("{");
  if (!isText && !existsSync(place)) throw new Error(`there is no kubeconfig ${place}`);
  const config = parse(isText ? place : readFileSync(place, "utf8")) as Kubeconfig;

  const { contexts = [], clusters = [], users = [] } = config;
  const name = typeof context === "string" ? context : config["current-context"];
  const found = contexts.find((entry) => entry.name === name)?.context;
  const cluster = clusters.find((entry) => entry.name === found?.cluster)?.cluster;
  const user = users.find((entry) => entry.name === found?.user)?.user;
  if (cluster === undefined || user === undefined) {
    const there = contexts.map((entry) => entry.name).join(", ");
    throw new Error(`context "${name ?? ""}" does not exist in kubeconfig ${isText ? "" : place}; there is: ${there}`);
  }
  const text = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
  return {
    server: cluster.server,
    ca: text(cluster["certificate-authority-data"]),
    certificate: text(user["client-certificate-data"]),
    key: text(user["client-key-data"]),
  };
}
