import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { describeUnless } from "../stacks/requirements";
import { filesBelow, leaksIn, secretsIn, secretWords } from "./leaks";
import { namesOf, notReady, platformObjects } from "./live";
import type { OpenStack } from "./open-stack";
import { type PlatformCluster, startPlatformCluster } from "./platform-cluster";
import { engineImpossible } from "./requirements";

/*
 * Certificates that the program makes itself, under the real engine: from seeds that only Pulumi's state holds.
 */

const ROOT = "noetl:tls.ca.trusted.0";

describeUnless(engineImpossible(), "a stack with mutual TLS and certificates of its own", () => {
  let platform: PlatformCluster;
  let stack: OpenStack;

  beforeAll(async () => {
    platform = await startPlatformCluster();
    stack = await platform.engine.open({ stack: "kind", kubeconfig: platform.kubeconfig });
    stack.edit({
      "noetl:tls.mode": "builtIn",
      [`${ROOT}.generation`]: 1,
      [`${ROOT}.issuedOn`]: "2026-11-21",
      "noetl:tls.leaves.issuedOn": "2026-11-21",
      "noetl:server.tls": "mutual",
      "noetl:nats.tls.platform": true,
    });
  });

  afterAll(async () => {
    await (platform as PlatformCluster | undefined)?.stop();
  });

  const certificates = async (): Promise<Record<string, string | undefined>> => {
    const secrets = await secretsIn(platform.cluster.kube, ["noetl", "nats"]);
    const pairs = Object.entries(secrets).map(([name, data]) => [name, data["tls.crt"]] as const);
    return Object.fromEntries(pairs.filter(([, certificate]) => certificate !== undefined));
  };

  it("comes up whole", async () => {
    await stack.up();

    const objects = await platformObjects(platform.cluster.kube);
    expect(namesOf(objects)).toEqual(await stack.objects());
    expect(notReady(objects)).toEqual([]);
  });

  it("makes the same certificates again: nothing restarts for nothing", async () => {
    const before = await certificates();
    const { changes } = await stack.up();

    expect(Object.keys(changes)).toEqual(["same"]);
    expect(Object.keys(before)).toEqual(expect.arrayContaining(["noetl/noetl-server-tls", "noetl/noetl-worker-tls"]));
    expect(await certificates()).toEqual(before);
  });

  it("issues new ones on another day, with the same root, and rolls who reads them", async () => {
    const before = await certificates();
    stack.edit({ "noetl:tls.leaves.issuedOn": "2026-11-22" });
    const { plan } = await stack.up();

    const after = await certificates();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const [name, certificate] of Object.entries(after))
      expect([name, certificate]).not.toEqual([name, before[name]]);
    expect(plan.filter((step) => /Deployment::noetl-(server|worker)-rust:/.test(step))).toEqual([
      expect.stringMatching(/^update .*::noetl-server-rust: .*certificate\.noetl\.io/),
      expect.stringMatching(/^update .*::noetl-worker-rust: .*certificate\.noetl\.io/),
    ]);
  });

  it("shows keys and seeds nowhere but in Secrets", async () => {
    const { kube } = platform.cluster;
    const words = secretWords(await secretsIn(kube, ["noetl", "nats"])).filter((word) => !isPublic(word));
    const others = (await platformObjects(kube)).filter(({ kind }) => kind !== "Secret");

    expect(words.some((word) => word.includes("PRIVATE KEY"))).toBe(true);
    expect(leaksIn({ said: stack.said.join("\n"), exported: await stack.exported() }, words)).toEqual([]);
    expect(leaksIn(filesBelow(stack.home), words)).toEqual([]);
    expect(leaksIn({ objects: JSON.stringify(others) }, words)).toEqual([]);
  });

  it("leaves nothing when it is destroyed", async () => {
    stack.edit({ "noetl:secrets.protect": false });
    await stack.up();
    await stack.destroy();

    expect(namesOf(await platformObjects(platform.cluster.kube))).toEqual([]);
    await stack.close();
  });
});

/** Certificates are no secrets: who connects is shown them. */
function isPublic(word: string): boolean {
  return word.includes("BEGIN CERTIFICATE") && !word.includes("PRIVATE KEY");
}
