import { setTimeout as delay } from "node:timers/promises";
import { describe } from "@jest/globals";
import * as manifests from "../../../components/nats/manifests";
import { secretConf, type ClusterPasswords } from "../../../components/nats/server-conf";
import { memberFacts, memberName, type SuperclusterFacts } from "../../../components/nats/supercluster-facts";
import { ensureTool } from "../../../tools/find";
import { waitFor } from "../support/wait";
import { NatsClient } from "./client";
import { podsImpossible } from "./image";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

/** Passwords of every supercluster of these tests. */
export const PASSWORDS = {
  system: "the-system",
  noetl: "the-platform",
  cluster: "the-routes",
  gateway: "the-gateways",
  users: { acme_eu: "the-tenant", other: "another-tenant" },
  leafnodes: { noetl: "the-platform", acme_eu: "the-tenant", other: "another-tenant" },
} satisfies ClusterPasswords;

/** What a suite of superclusters needs of the machine. */
export function describeSupercluster(title: string, suite: () => void): void {
  const reason = podsImpossible();
  if (reason === undefined) describe(title, suite);
  else describe.skip(`${title} (skipped: ${reason})`, suite);
}

/** Tells a figure to whoever reads the output, and to docs/nats-topologies.md. */
export function tell(what: string, milliseconds: number): void {
  process.stdout.write(`${what}: ${(milliseconds / 1000).toFixed(1)} s\n`);
}

/** Error codes of the JetStream API. */
export const NO_SUITABLE_PEERS = 10005;
export const UNAVAILABLE = 10008;

/** An answer of the JetStream API. */
export interface ApiAnswer {
  error?: { code: number; err_code: number; description: string };
  cluster?: { name: string; leader?: string };
  config?: { name: string; num_replicas: number };
  state?: { messages: number };
  /** Of a message that was stored. */
  seq?: number;
}

/** A request to the JetStream API. */
export interface ApiRequest {
  subject: string;
  payload?: unknown;
}

/** The request for a stream in a file, with a subject of its name. */
export function newStream(name: string, more: Record<string, unknown> = {}): ApiRequest {
  const payload = { name, subjects: [name], storage: "file", num_replicas: 1, ...more };
  return { subject: `$JS.API.STREAM.CREATE.${name}`, payload };
}

/** The whole supercluster as pods, each cluster's with the manifests that are deployed. */
export async function superclusterPods(facts: SuperclusterFacts): Promise<Supercluster> {
  const tool = await ensureTool("nats-server");
  if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
  const sets = memberFacts(facts).map(({ nats }) => ({
    statefulSet: manifests.statefulSet(nats, ""),
    configMap: manifests.configMap(nats),
    secret: manifests.authSecret(nats, secretConf(nats, PASSWORDS)),
  }));
  return new Supercluster(await NatsPods.create(tool.path, ...sets));
}

/** Clusters of a supercluster by their names. */
export class Supercluster {
  #clients: NatsClient[] = [];

  constructor(readonly pods: NatsPods) {}

  /** The pods of a cluster. */
  of(cluster: string): NatsPod[] {
    return this.pods.of(memberName(cluster));
  }

  /** Starts the pods of these clusters that do not run. @returns milliseconds until plain `/healthz` of all is good */
  async boot(...clusters: string[]): Promise<number> {
    const pods = clusters.flatMap((cluster) => this.of(cluster));
    const start = Date.now();
    await this.pods.start(pods.filter(({ running }) => !running));
    await Promise.all(pods.map((pod) => healthy(pod)));
    return Date.now() - start;
  }

  /** Kills every pod of a cluster at once. */
  async lose(cluster: string): Promise<void> {
    await Promise.all(this.of(cluster).map((pod) => pod.kill()));
  }

  /** A client of a cluster's first pod; it is closed at the end. */
  async client(cluster: string, user = "noetl", password: string = PASSWORDS.noetl): Promise<NatsClient> {
    const pod = this.of(cluster).find(({ running }) => running);
    if (!pod) throw new Error(`no pod of cluster ${cluster} runs`);
    const client = await NatsClient.connect(pod.ip, { user, password });
    this.#clients.push(client);
    return client;
  }

  /**
   * Asks the JetStream API of a cluster, again and again until it says what is expected: without a meta leader it may say
   * nothing at all for a time.
   *
   * @returns the answer, and how long it took to come
   */
  async until(
    cluster: string,
    request: ApiRequest,
    isExpected: (answer: ApiAnswer) => boolean,
  ): Promise<{ answer: ApiAnswer; milliseconds: number }> {
    const start = Date.now();
    let last: ApiAnswer | undefined;
    const answer = await waitFor(`${request.subject} in cluster ${cluster} to be answered as expected`, async () => {
      last = (await this.ask(cluster, request)) ?? last;
      return last !== undefined && isExpected(last) ? last : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; the last answer was ${JSON.stringify(last)}`);
    });
    return { answer, milliseconds: Date.now() - start };
  }

  /** Creates a stream in a cluster, as soon as that is possible. @returns how long that took */
  async create(cluster: string, name: string, more: Record<string, unknown> = {}): Promise<number> {
    return (await this.until(cluster, newStream(name, more), ({ config }) => config?.name === name)).milliseconds;
  }

  /** Asks once. @returns undefined without an answer in 3 s */
  async ask(cluster: string, { subject, payload }: ApiRequest): Promise<ApiAnswer | undefined> {
    const client = await this.client(cluster);
    try {
      return (await Promise.race([client.request(subject, payload), delay(3000)])) ?? undefined;
    } finally {
      client.close();
    }
  }

  async remove(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.pods.remove();
  }
}

/** Waits for a good plain `/healthz`: JetStream with a meta leader, every stream up to date. */
export function healthy(pod: NatsPod): Promise<true> {
  return waitFor(`a good /healthz of ${pod.name}`, async () =>
    (await pod.status("/healthz")) === 200 ? (true as const) : undefined,
  );
}

/** How many servers the pod's meta group has. */
export async function metaSize(pod: NatsPod): Promise<number | undefined> {
  const { meta_cluster: meta } = await pod.monitor<{ meta_cluster?: { cluster_size: number } }>("/jsz");
  return meta?.cluster_size;
}

/** Names of the clusters that the pod's gateways lead to. */
export async function outboundGateways(pod: NatsPod): Promise<string[]> {
  const { outbound_gateways: outbound } = await pod.monitor<{ outbound_gateways?: Record<string, unknown> }>(
    "/gatewayz",
  );
  return Object.keys(outbound ?? {}).sort();
}

/** Accounts of the pod's connections to other domains. */
export async function leafAccounts(pod: NatsPod): Promise<string[]> {
  const { leafs } = await pod.monitor<{ leafs?: { account: string }[] }>("/leafz");
  return (leafs ?? []).map(({ account }) => account).sort();
}
