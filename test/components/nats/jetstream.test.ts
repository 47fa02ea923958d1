import { describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import * as manifests from "../../../components/nats/jetstream-manifests";
import { JetStreamResources } from "../../../components/nats/jetstream-resources";
import { creationRequests } from "../../../components/nats/jetstream-requests";
import { commandStreams, gatewayBuckets } from "../../../components/nats/streams";
import { recorded } from "../../support/recorded";

const SOURCE = {
  stream: "NOETL_COMMANDS",
  subject: "noetl.commands",
  consumer: "noetl_worker_pool_shared",
  filterSubject: "noetl.commands.shared.>",
};
const LIMITS = {
  storage: "file",
  maxAge: 3600,
  duplicateWindow: 120,
  replicas: 3,
  ackWait: 960,
  maxDeliver: 1000,
  maxAckPending: 64,
} as const;
const FACTS = {
  name: "noetl-streams",
  namespace: { name: "nats", created: "nats" },
  servers: ["nats://nats.nats.svc.cluster.local:4222"],
  user: "noetl",
};
const LABELS = {
  app: "nats",
  component: "messaging",
  "app.kubernetes.io/name": "nats",
  "app.kubernetes.io/component": "messaging",
  "app.kubernetes.io/part-of": "noetl",
  "app.kubernetes.io/managed-by": "pulumi",
};
const metadata = (name: string) => ({ name, namespace: "nats", labels: LABELS });
const awaited = (name: string) => ({ ...metadata(name), annotations: { "pulumi.com/waitFor": "condition=Ready" } });

const streams = commandStreams([SOURCE], LIMITS);
const buckets = gatewayBuckets(3).slice(0, 1);

describe("custom resources of NACK", () => {
  test("given a user, then his password stands in the Secret only, and the Account names both keys", () => {
    expect(manifests.credentials(FACTS, "canary")).toStrictEqual({
      metadata: metadata("noetl-streams"),
      stringData: { user: "noetl", password: "canary" },
    });
    expect(manifests.account(FACTS)).toStrictEqual({
      metadata: metadata("noetl-streams"),
      spec: {
        name: "noetl-streams",
        servers: ["nats://nats.nats.svc.cluster.local:4222"],
        user: { secret: { name: "noetl-streams" }, user: "user", password: "password" },
      },
    });
  });

  test("given a stream, then it has every limit, and outlives its object", () => {
    expect(streams.map((stream) => manifests.stream(FACTS, stream))).toStrictEqual([
      {
        metadata: awaited("noetl-commands"),
        spec: {
          name: "NOETL_COMMANDS",
          subjects: ["noetl.commands", "noetl.commands.>"],
          storage: "file",
          retention: "limits",
          discard: "old",
          maxAge: "3600s",
          duplicateWindow: "120s",
          replicas: 3,
          account: "noetl-streams",
          preventDelete: true,
        },
      },
    ]);
  });

  test("given a consumer, then it acknowledges explicitly, and outlives its object", () => {
    const [consumer] = streams.flatMap(({ consumers }) => consumers);
    expect(consumer && manifests.consumer(FACTS, "NOETL_COMMANDS", consumer)).toStrictEqual({
      metadata: awaited("noetl-commands.noetl-worker-pool-shared"),
      spec: {
        streamName: "NOETL_COMMANDS",
        durableName: "noetl_worker_pool_shared",
        filterSubject: "noetl.commands.shared.>",
        deliverPolicy: "all",
        replayPolicy: "instant",
        ackPolicy: "explicit",
        ackWait: "960s",
        maxDeliver: 1000,
        maxAckPending: 64,
        account: "noetl-streams",
        preventDelete: true,
      },
    });
  });

  test("given a bucket, then it has its age and outlives its object", () => {
    expect(buckets.map((bucket) => manifests.bucket(FACTS, bucket))).toStrictEqual([
      {
        metadata: awaited("sessions"),
        spec: {
          bucket: "sessions",
          ttl: "300s",
          history: 1,
          storage: "file",
          replicas: 3,
          account: "noetl-streams",
          preventDelete: true,
        },
      },
    ]);
  });
});

describe("object names", () => {
  const natsName = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);

  test("given any NATS name, then the result is a DNS label of at most 75 characters", () => {
    fc.assert(fc.property(natsName, (name) => /^[a-z0-9]([-a-z0-9]{0,73}[a-z0-9])?$/.test(manifests.objectName(name))));
  });

  test.each([
    ["a_b", "a-b", "A_B", "a-B", "a__b", "_a_b", "a_b_", "A_b"],
    ["_", "-", "__", "_-"],
  ])(
    "given names that differ in case and separators only, then none becomes another, but for A_B and a_b",
    (...names) => {
      const differing = names.filter((name) => name !== "A_B");
      expect(new Set(differing.map(manifests.objectName)).size).toBe(differing.length);
    },
  );
});

test("requests: streams and buckets by STREAM.CREATE, consumers only where there is none", () => {
  const requests = creationRequests({ streams, buckets });
  expect(
    Object.fromEntries(Object.entries(requests).map(([key, text]) => [key, JSON.parse(text) as object])),
  ).toStrictEqual({
    "STREAM.CREATE.NOETL_COMMANDS": {
      name: "NOETL_COMMANDS",
      subjects: ["noetl.commands", "noetl.commands.>"],
      storage: "file",
      retention: "limits",
      discard: "old",
      max_age: 3600_000_000_000,
      duplicate_window: 120_000_000_000,
      num_replicas: 3,
      max_consumers: -1,
      max_msgs: -1,
      max_bytes: -1,
      max_msg_size: -1,
      max_msgs_per_subject: -1,
    },
    "STREAM.CREATE.KV_sessions": {
      name: "KV_sessions",
      subjects: ["$KV.sessions.>"],
      storage: "file",
      retention: "limits",
      discard: "new",
      max_age: 300_000_000_000,
      duplicate_window: 120_000_000_000,
      num_replicas: 3,
      max_consumers: -1,
      max_msgs: -1,
      max_bytes: -1,
      max_msg_size: -1,
      max_msgs_per_subject: 1,
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
    },
    "CONSUMER.DURABLE.CREATE.NOETL_COMMANDS.noetl_worker_pool_shared": {
      stream_name: "NOETL_COMMANDS",
      config: {
        name: "noetl_worker_pool_shared",
        durable_name: "noetl_worker_pool_shared",
        filter_subject: "noetl.commands.shared.>",
        deliver_policy: "all",
        replay_policy: "instant",
        ack_policy: "explicit",
        ack_wait: 960_000_000_000,
        max_deliver: 1000,
        max_ack_pending: 64,
      },
      action: "create",
    },
  });
});

describe("JetStreamResources", () => {
  async function deploy() {
    const connection = {
      host: "nats.nats.svc.cluster.local",
      clientPort: 4222,
      monitoringPort: 8222,
      monitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222",
      url: "nats://nats.nats.svc.cluster.local:4222",
      account: "NOETL",
      user: "noetl",
      password: pulumi.secret("canary"),
    };
    return recorded(() => {
      new JetStreamResources("noetl-streams", {
        namespace: FACTS.namespace,
        nats: connection,
        declared: { streams, buckets },
      });
    });
  }

  test("registers a resource for each declaration, consumers after their stream", async () => {
    const { resources } = await deploy();
    expect(resources.filter(({ custom }) => custom).map(({ type, name }) => `${type} ${name}`)).toEqual([
      "kubernetes:core/v1:Secret noetl-streams",
      "kubernetes:jetstream.nats.io/v1beta2:Account account-noetl-streams",
      "kubernetes:jetstream.nats.io/v1beta2:KeyValue keyvalue-sessions",
      "kubernetes:jetstream.nats.io/v1beta2:Stream stream-noetl-commands",
      "kubernetes:jetstream.nats.io/v1beta2:Consumer consumer-noetl-commands.noetl-worker-pool-shared",
    ]);
    const urnOf = (name: string) => resources.find((resource) => resource.name === name)?.urn;
    const consumer = resources.find(({ type }) => type.endsWith(":Consumer"));
    expect(consumer?.dependencies).toEqual(expect.arrayContaining([urnOf("stream-noetl-commands")]));
  });

  test("keeps the password secret", async () => {
    const graph = await deploy();
    expect(JSON.stringify(graph)).not.toContain("canary");
  });
});
