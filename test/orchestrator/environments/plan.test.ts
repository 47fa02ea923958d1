import { describe, expect, test } from "@jest/globals";
import { createOptions, networkOptions } from "../../../orchestrator/environments/docker/options";
import { assertAllowed, assertFits } from "../../../orchestrator/environments/host";
import { testsOf } from "../../../orchestrator/environments/work";
import { messageOf, planned, redisNodes } from "./asked";

const DIGEST = /@sha256:[0-9a-f]{64}$/;

describe("the seed's requests", () => {
  test("single_taskserv with a base image: a bare machine for one's own scripts", () => {
    const plan = planned({
      type: "single_taskserv",
      taskserv: "kubernetes",
      base_image: "ubuntu:22.04",
      resources: { cpu_millicores: 2000, memory_mb: 4096 },
    });
    expect(plan.waves).toMatchObject([
      [
        {
          name: "kubernetes",
          image: "ubuntu:22.04",
          env: { TASKSERVS: "kubernetes" },
          privileged: false,
          resources: { cpu_millicores: 2000, memory_mb: 4096, disk_mb: 1024, pids: 512 },
        },
      ],
    ]);
    expect(plan.tests).toEqual([]);
    expect(plan.notices).toEqual(["image ubuntu:22.04 is not pinned by a digest: another day it may be another one"]);
  });

  test("server_simulation: one machine", () => {
    const plan = planned({
      type: "server_simulation",
      server_name: "web-01",
      taskservs: ["containerd", "kubernetes", "cilium"],
      base_image: "ubuntu:22.04",
    });
    expect(plan.waves.flat().map(({ name, env }) => [name, env.TASKSERVS])).toEqual([
      ["web-01", "containerd kubernetes cilium"],
    ]);
  });

  test("cluster_topology: what an image has inside gets no container, what nobody knows a bare one", () => {
    const plan = planned({
      type: "cluster_topology",
      cluster_type: "kubernetes",
      topology: {
        nodes: [
          {
            name: "cp-01",
            role: "controlplane",
            taskservs: ["etcd", "kubernetes", "containerd"],
            resources: { cpu_millicores: 2000, memory_mb: 4096 },
          },
          {
            name: "worker-01",
            role: "worker",
            taskservs: ["kubernetes", "containerd", "cilium"],
            resources: { cpu_millicores: 1000, memory_mb: 2048 },
          },
        ],
        network: { subnet: "172.30.0.0/16" },
      },
    });
    expect(plan.subnet).toBe("172.30.0.0/16");
    expect(plan.waves.flat().map(({ name, taskserv, networkOf }) => [name, taskserv, networkOf])).toEqual([
      ["cp-01", "kubernetes", undefined],
      ["worker-01", "kubernetes", undefined],
      ["worker-01-cilium", undefined, "worker-01"],
    ]);
    expect(plan.notices[0]).toBe(
      "worker-01: there is no taskserv cilium in the catalog: a bare docker.io/library/ubuntu:22.04 for your own scripts",
    );
  });
});

describe("templates", () => {
  test.each([
    ["kubernetes_3node", [["cp-01"], ["worker-01", "worker-02"]], true],
    ["kubernetes_single", [["cp-01"]], true],
    ["etcd_cluster", [["etcd-01", "etcd-02", "etcd-03"]], false],
    ["containerd_test", [["containerd-01"]], true],
    ["postgres_redis", [["postgres-01", "redis-01"]], false],
    ["nats_supercluster", [["east-01", "east-02", "east-03", "west-01", "west-02", "west-03"]], false],
  ])("%s starts in waves, from images by digest, with tests", (template, waves, isPrivileged) => {
    const plan = planned({ type: "cluster_topology", template });
    expect(plan.waves.map((wave) => wave.map(({ name }) => name))).toEqual(waves);
    for (const { image, privileged, readOnly, health } of plan.waves.flat()) {
      expect(image).toMatch(DIGEST);
      expect({ privileged, readOnly, isChecked: health !== undefined }).toEqual({
        privileged: isPrivileged,
        readOnly: true,
        isChecked: true,
      });
    }
    expect(plan.notices).toEqual([]);
    expect(plan.tests.length).toBeGreaterThan(0);
  });

  test("the platform starts from its database and NATS on; its own images are named by the version that the schema is of", () => {
    const plan = planned({ type: "cluster_topology", template: "noetl_platform" });
    expect(plan.waves.map((wave) => wave.map(({ name }) => name))).toEqual([
      ["postgres-01", "postgres-01-noetl-schema", "nats-01"],
      ["server-01"],
      ["worker-01"],
    ]);
    const unpinned = plan.waves.flat().filter(({ image }) => !DIGEST.test(image));
    expect(unpinned.map(({ name }) => name)).toEqual(["server-01", "worker-01"]);
    expect(plan.notices).toEqual(
      unpinned.map(({ image }) => `image ${image} is not pinned by a digest: another day it may be another one`),
    );
  });

  test("the members of etcd know each other", () => {
    const { waves } = planned({ type: "cluster_topology", template: "etcd_cluster" });
    expect(waves[0]?.[0]?.command).toContain(
      "--initial-cluster=etcd-01=http://etcd-01:2380,etcd-02=http://etcd-02:2380,etcd-03=http://etcd-03:2380",
    );
  });

  test("routes lead to the servers of a cluster, gateways to the other", () => {
    const { waves } = planned({ type: "cluster_topology", template: "nats_supercluster" });
    const west = waves.flat().find(({ name }) => name === "west-02");
    expect(west?.env.NATS_CLUSTER).toBe(
      'cluster { name: west, port: 6222, routes: ["nats://west-01:6222","nats://west-02:6222","nats://west-03:6222"] }',
    );
    expect(west?.env.NATS_GATEWAYS).toContain('{ name: east, urls: ["nats://east-01:7222"');
  });

  test("other images take the place of the catalog's", () => {
    const { waves } = planned({ type: "cluster_topology", template: "etcd_cluster" }, { etcd: "registry:5000/etcd" });
    expect(waves.flat().map(({ image }) => image)).toEqual(Array(3).fill("registry:5000/etcd:latest"));
  });
});

describe("what is refused", () => {
  test.each([
    [
      redisNodes([
        { name: "a", depends_on: ["c"] },
        { name: "b", depends_on: ["a"] },
        { name: "c", depends_on: ["b"] },
      ]),
      "config.topology.nodes[0].depends_on: a → c → b → a goes round in a circle; take one of them out",
    ],
    [
      redisNodes([{ name: "a", depends_on: ["x"] }]),
      "config.topology.nodes[0].depends_on: there is no node x; there are a",
    ],
    [
      {
        type: "cluster_topology",
        topology: {
          nodes: ["a", "b"].map((name) => ({ name, taskservs: ["redis"] })),
          network: { subnet: "10.1.2.0/30" },
        },
      },
      "config.topology.network.subnet: 10.1.2.0/30 has addresses for 1, there are 2 nodes; name a larger one",
    ],
    [redisNodes([{ name: "a" }, { name: "a" }]), "config.topology.nodes[1].name: two nodes are called a"],
    [
      { type: "cluster_topology", template: "etcd" },
      "config.template: there is no template etcd; there are containerd_test, etcd_cluster, kubernetes_3node, kubernetes_single, nats_supercluster, noetl_platform, postgres_redis",
    ],
    [{ type: "cluster_topology" }, "config: give either a topology or the name of a template"],
  ])("%j", (config, message) => {
    expect(messageOf(() => planned(config))).toBe(message);
  });

  test("limits above the host's, each and together", () => {
    const host = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };
    const containers = (resources: object) =>
      planned(
        redisNodes([
          { name: "a", resources },
          { name: "b", resources },
        ]),
      ).waves.flat();
    expect(() => {
      assertFits(containers({ cpu_millicores: 2000, memory_mb: 2048 }), host);
    }).not.toThrow();
    expect(
      messageOf(() => {
        assertFits(containers({ cpu_millicores: 2001 }), host);
      }),
    ).toBe("a: cpu_millicores 2001 is more than the Docker host has (2000); ask for less");
    expect(
      messageOf(() => {
        assertFits(containers({ memory_mb: 4097 }), host);
      }),
    ).toBe("a: memory_mb 4097 is more than the Docker host has (4096); ask for less");
    expect(
      messageOf(() => {
        assertFits(containers({ memory_mb: 2049 }), host);
      }),
    ).toBe("all containers together: memory_mb 4098 is more than the Docker host has (4096); ask for less");
  });

  test("privileged containers, unless the server allows them", () => {
    const containers = planned({ type: "cluster_topology", template: "containerd_test" }).waves.flat();
    expect(() => {
      assertAllowed(containers, true);
    }).not.toThrow();
    expect(
      messageOf(() => {
        assertAllowed(containers, false);
      }),
    ).toBe(
      "containerd-01: privileged containers can do anything on the host; the orchestrator allows them only when started with --allow-privileged",
    );
  });

  test("tests and nodes that there are not", () => {
    const plan = planned({ type: "cluster_topology", template: "postgres_redis" });
    expect(messageOf(() => testsOf(plan, { tests: ["x"] }))).toBe(
      "tests: there is no test x; there are postgres answers a query, redis keeps a key",
    );
    expect(messageOf(() => testsOf(plan, { script: "true", node: "x" }))).toBe(
      "node: there is no node x; there are postgres-01, redis-01",
    );
    expect(testsOf(plan, { tests: ["redis keeps a key"] })).toMatchObject([{ container: "redis-01" }]);
    expect(testsOf(plan, { script: "true", node: "redis-01", timeout_seconds: 5 })).toEqual([
      { name: "script", container: "redis-01", command: ["sh", "-c", "true"], seconds: 5, expect: undefined },
    ]);
  });
});

describe("what Docker is asked for", () => {
  const place = { environment: "env-1", owner: "me", expiresAt: 5, network: "noetl-env-1", imageId: "sha256:1" };

  test("nothing more than the plan says", () => {
    const { waves } = planned({ type: "single_taskserv", taskserv: "redis" });
    expect(createOptions(waves[0]?.[0] as never, { ...place, canLimitDisk: true })).toEqual({
      name: "noetl-env-1-redis",
      Image: "sha256:1",
      Entrypoint: ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", "/redis-data"],
      Cmd: [],
      User: "999:1000",
      Hostname: "redis",
      Env: [],
      Labels: {
        "io.noetl.environment": "env-1",
        "io.noetl.environment.owner": "me",
        "io.noetl.environment.expires": "5",
        "io.noetl.environment.container": "redis",
        "io.noetl.environment.node": "redis",
        "io.noetl.environment.image": waves[0]?.[0]?.image,
      },
      HostConfig: {
        NetworkMode: "noetl-env-1",
        NanoCpus: 1_000_000_000,
        Memory: 536_870_912,
        MemorySwap: 536_870_912,
        PidsLimit: 512,
        ReadonlyRootfs: true,
        Tmpfs: Object.fromEntries(
          ["/tmp", "/run", "/redis-data"].map((path) => [path, "rw,nosuid,nodev,noexec,size=1024m,mode=1777"]),
        ),
        Privileged: false,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        IpcMode: "private",
        RestartPolicy: { Name: "no" },
        LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "1" } },
        PublishAllPorts: false,
      },
      NetworkingConfig: { EndpointsConfig: { "noetl-env-1": { Aliases: ["redis"] } } },
    });
  });

  test("a second taskserv of a node shares its network; a root that is written to has a limit", () => {
    const { waves } = planned({
      type: "server_simulation",
      server_name: "web-01",
      taskservs: ["postgres", "redis"],
      read_only: false,
    });
    const options = createOptions(waves.flat()[1] as never, { ...place, canLimitDisk: true });
    expect(options.HostConfig).toMatchObject({
      NetworkMode: "container:noetl-env-1-web-01",
      ReadonlyRootfs: false,
      StorageOpt: { size: "1024M" },
    });
    expect(options).not.toHaveProperty("Hostname");
    expect(options).not.toHaveProperty("NetworkingConfig");
  });

  test("a network that leads nowhere", () => {
    expect(networkOptions(place, "10.200.0.0/24")).toMatchObject({
      Internal: true,
      IPAM: { Config: [{ Subnet: "10.200.0.0/24" }] },
      Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    });
  });
});
