import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import type { BucketFacts, ConsumerFacts, StreamFacts } from "./streams";

/** API group and version of NACK's custom resources. */
export const NACK_API = "jetstream.nats.io/v1beta2";

/** What the custom resources have in common. */
export interface JetStreamResourcesFacts {
  /** Name of the Account and its Secret; prefix of nothing else. */
  name: string;
  namespace: Namespace;
  /** URLs of the servers, without user and password. */
  servers: readonly string[];
  /** NATS user; its password stands in the Secret only. */
  user: string;
}

/** A custom resource without status. */
export interface NackObject {
  metadata: {
    name: string;
    namespace: pulumi.Input<string>;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown>;
}

const KEYS = { user: "user", password: "password" };

/** What NACK logs in with. */
export function credentials(facts: JetStreamResourcesFacts, password: pulumi.Input<string>) {
  return {
    metadata: metadata(facts, facts.name),
    stringData: { [KEYS.user]: facts.user, [KEYS.password]: password },
  };
}

export function account(facts: JetStreamResourcesFacts): NackObject {
  return {
    metadata: metadata(facts, facts.name),
    spec: {
      name: facts.name,
      servers: facts.servers,
      user: { secret: { name: facts.name }, ...KEYS },
    },
  };
}

/** A stream that outlives its object: taking a line out of a stack file must not delete messages. */
export function stream(facts: JetStreamResourcesFacts, declared: StreamFacts): NackObject {
  return {
    metadata: awaited(facts, objectName(declared.name)),
    spec: {
      name: declared.name,
      subjects: declared.subjects,
      storage: declared.storage,
      retention: declared.retention,
      discard: declared.discard,
      maxAge: seconds(declared.maxAge),
      duplicateWindow: seconds(declared.duplicateWindow),
      replicas: declared.replicas,
      ...common(facts),
    },
  };
}

/** A consumer that outlives its object: a new one would deliver every command of the stream again. */
export function consumer(facts: JetStreamResourcesFacts, streamName: string, declared: ConsumerFacts): NackObject {
  return {
    metadata: awaited(facts, `${objectName(streamName)}.${objectName(declared.name)}`),
    spec: {
      streamName,
      durableName: declared.name,
      filterSubject: declared.filterSubject,
      deliverPolicy: "all",
      replayPolicy: "instant",
      ackPolicy: "explicit",
      ackWait: seconds(declared.ackWait),
      maxDeliver: declared.maxDeliver,
      maxAckPending: declared.maxAckPending,
      ...common(facts),
    },
  };
}

/** A bucket that outlives its object. */
export function bucket(facts: JetStreamResourcesFacts, declared: BucketFacts): NackObject {
  return {
    metadata: awaited(facts, objectName(declared.name)),
    spec: {
      bucket: declared.name,
      ttl: seconds(declared.ttl),
      history: declared.history,
      storage: declared.storage,
      replicas: declared.replicas,
      ...common(facts),
    },
  };
}

/**
 * The name of a NATS thing as the name of a Kubernetes object: lower case, `-` for `_`, and a hash where that could make
 * one name of two.
 */
export function objectName(natsName: string): string {
  const plain = natsName
    .toLowerCase()
    .replace(/_/g, "-")
    .replace(/^-+|-+$/g, "");
  if (isUsual(natsName)) return plain;
  const hash = createHash("sha256").update(natsName).digest("hex").slice(0, 8);
  return plain === "" ? hash : `${plain}-${hash}`;
}

/** Upper or lower case throughout, words joined by one `_`: names that differ stay different. */
function isUsual(natsName: string): boolean {
  return /^[A-Z0-9]+(_[A-Z0-9]+)*$|^[a-z0-9]+(_[a-z0-9]+)*$/.test(natsName);
}

function common({ name }: JetStreamResourcesFacts) {
  return { account: name, preventDelete: true };
}

function seconds(count: number): string {
  return `${count}s`;
}

/** With the note that lets Pulumi wait until the controller has made it. */
function awaited(facts: JetStreamResourcesFacts, name: string) {
  return { ...metadata(facts, name), annotations: { "pulumi.com/waitFor": "condition=Ready" } };
}

function metadata({ namespace }: JetStreamResourcesFacts, name: string) {
  return { name, namespace: namespace.created, labels: labels({ app: "nats", component: "messaging" }) };
}
