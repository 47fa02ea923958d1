import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { parse, stringify } from "yaml";
import type { Adoption } from "../../../operations/adopt/adopt";
import { onPath } from "../../../tools/go";
import { beside, type Ended } from "../../cli/support";
import type { OpenStack } from "../engine/open-stack";
import { type PlatformCluster, startPlatformCluster } from "../engine/platform-cluster";
import { projectImpossible } from "../engine/requirements";
import { describeUnless } from "../stacks/requirements";
import { describeRef, refOf } from "../support/objects";
import { CANARIES, LIVE } from "./live";

/*
 * From a live installation that somebody applied by hand to one that Pulumi owns. Not proved here, unless the published
 * Kubernetes plugin is on this machine: what that plugin reads at an import.
 */

describeUnless(projectImpossible(), "adopt, then up", () => {
  let platform: PlatformCluster;
  let stack: OpenStack;
  let file: string;
  const printed: string[] = [];

  beforeAll(async () => {
    platform = await startPlatformCluster();
    stack = await platform.engine.open({ stack: "kind", kubeconfig: platform.kubeconfig, program: "project" });
    stack.edit({ "noetl:keda": undefined });
    file = join(stack.settings.workDir, "adopt.kind.json");
  });

  afterAll(async () => {
    await (platform as PlatformCluster | undefined)?.stop();
  });

  async function adopt(...more: string[]): Promise<Ended> {
    const ended = await beside(["adopt", "--stack-file", stack.file, "--kubeconfig", platform.kubeconfig, ...more]);
    printed.push(ended.stdout, ended.stderr);
    return ended;
  }

  async function adoption(): Promise<Adoption & { status: number | null }> {
    const { stdout, stderr, status } = await adopt("--json");
    expect(stderr).toBe("");
    return { ...(JSON.parse(stdout) as Adoption), status };
  }

  /** Objects of the live installation with their uids. */
  async function uids(): Promise<Record<string, string | undefined>> {
    const { kube } = platform.cluster;
    const live = await Promise.all(LIVE.map((object) => kube.get(refOf(object))));
    return Object.fromEntries(LIVE.map((object, i) => [describeRef(refOf(object)), live[i]?.metadata.uid]));
  }

  it("given an empty cluster, then all is missing, and the file is empty", async () => {
    const { status, ready, matched, different, unknown, missing } = await adoption();

    expect({ status, ready, matched, different, unknown }).toEqual({
      status: 0,
      ready: true,
      matched: [],
      different: [],
      unknown: [],
    });
    expect(missing).toContain("Deployment noetl/noetl-server-rust");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ stack: "kind", imports: {}, applies: [] });
    rmSync(file);
  });

  it("given a live installation, then tells what differs, what is refused and which secrets to move", async () => {
    await platform.cluster.kube.applyAll(LIVE, { fieldManager: "kubectl" });

    const { missing, different, secrets, ...found } = await adoption();

    expect(found).toEqual({
      status: 1,
      stack: "kind",
      context: "kind-noetl",
      ready: false,
      matched: [
        "Secret noetl/noetl-internal-api-token",
        "Secret noetl/noetl-secret",
        "Secret postgres/postgres-secret",
      ],
      leftovers: [{ name: "Secret noetl/noetl-secret", kept: ["data.POSTGRES_PASSWORD"] }],
      refused: [
        {
          name: "Deployment noetl/noetl-server-rust",
          reasons: [
            expect.stringMatching(
              /^spec\.template\.spec\.containers\[0\]\.env\[\d+\]\.valueFrom: may not be specified/,
            ),
          ],
          next: "remove the literal values, which rolls the pods: kubectl --context kind-noetl -n noetl set env deployment/noetl-server-rust POSTGRES_PASSWORD-",
        },
        {
          name: "StatefulSet nats/nats",
          reasons: [expect.stringContaining("updates to statefulset spec for fields other than")],
          next: "keep the live value with a setting or a transform; or kubectl --context kind-noetl -n nats delete statefulset nats --cascade=orphan, which leaves its pods and claims",
        },
      ],
      unknown: [
        "Deployment postgres/postgres-live",
        "PersistentVolumeClaim postgres/postgres-data",
        "ServiceAccount noetl/noetl-worker",
      ],
      helmReleases: ["noetl/noetl"],
    });
    expect(missing).not.toEqual([]);
    expect(different.map(({ name, by }) => `${by} ${name}`)).toEqual([
      "apply ConfigMap nats/nats-config",
      "import Deployment noetl/noetl-worker-rust",
      "import Namespace nats",
      "import Namespace noetl",
      "import Namespace postgres",
      "apply Service nats/nats",
      "apply Service noetl/noetl-server-rust",
    ]);
    expect(secrets.map(({ setting, from }) => `${setting} from ${from}`)).toEqual([
      "noetl:secrets.encryptionKey from Secret noetl/noetl-secret key NOETL_ENCRYPTION_KEY",
      "noetl:secrets.internalApiToken from Secret noetl/noetl-internal-api-token key token",
      "noetl:secrets.postgresPassword from Secret postgres/postgres-secret key POSTGRES_PASSWORD",
      "noetl:secrets.noetlPassword from Secret noetl/noetl-secret key NOETL_PASSWORD",
      "noetl:secrets.natsPassword from ConfigMap nats/nats-config",
      "noetl:secrets.natsSystemPassword from ConfigMap nats/nats-config",
    ]);
    expect(secrets[0]?.command).toBe(
      "kubectl --context kind-noetl -n noetl get secret noetl-secret -o 'go-template={{index .data \"NOETL_ENCRYPTION_KEY\" | base64decode}}' | " +
        "pulumi config set --secret --path noetl:secrets.encryptionKey --stack kind",
    );
    expect(existsSync(file)).toBe(false);
  });

  it("given who may not list, then says which right is missing, and writes nothing", async () => {
    const limited = join(platform.engine.folder, "limited");
    const config = parse(readFileSync(platform.kubeconfig, "utf8")) as { users: { user: Record<string, string> }[] };
    for (const { user } of config.users) user.as = "somebody";
    writeFileSync(limited, stringify(config));

    const { status, stdout, stderr } = await adopt("--kubeconfig", limited);

    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: a right is missing: \S+ is forbidden: User "somebody" cannot (list|get) resource "\w+" in API group/,
    );
    expect(existsSync(file)).toBe(false);
  });

  it("given its steps are done, then it writes the file, and up deletes and recreates nothing", async () => {
    const { kube } = platform.cluster;
    for (const { setting, command } of (await adoption()).secrets) moveSecret(setting, command);
    await kube.send("/apis/apps/v1/namespaces/noetl/deployments/noetl-server-rust", {
      method: "PATCH",
      contentType: "application/json-patch+json",
      body: [{ op: "remove", path: "/spec/template/spec/containers/0/env/1" }],
    });
    await kube.send("/apis/apps/v1/namespaces/nats/statefulsets/nats", {
      method: "DELETE",
      query: { propagationPolicy: "Orphan" },
    });
    await kube.untilGone({ apiVersion: "apps/v1", kind: "StatefulSet", namespace: "nats", name: "nats" });
    const before = await uids();

    const text = await adopt();
    expect(text).toMatchObject({ status: 0, stderr: "" });
    expect(text.stdout).toContain("adopt.kind.json is written; next: pulumi up --stack kind, then remove the file");
    printed.push(readFileSync(file, "utf8"));
    const { changes } = await stack.up();

    expect(Object.keys(changes).sort()).toEqual(["create", "import", "update"]);
    const { "StatefulSet nats/nats": _recreated, ...after } = await uids();
    const { "StatefulSet nats/nats": _gone, ...expected } = before;
    expect(after).toEqual(expected);
  });

  it("given the file is removed, then all is matched, and the next up touches no object", async () => {
    rmSync(file);
    const { matched, missing, different, refused, secrets } = await adoption();

    expect({ different, refused, secrets }).toEqual({ different: [], refused: [], secrets: [] });
    // The Job's name rests on a value that only an update generates.
    const isNoJob = (name: string): boolean => !name.startsWith("Job ");
    expect(missing.filter(isNoJob)).toEqual([]);
    expect(matched).toEqual((await stack.objects()).filter(isNoJob));
    rmSync(file);
    const { plan } = await stack.up();
    expect(plan.filter((line) => !line.includes("pulumi:providers:"))).toEqual([]);
  });

  it("keeps the live secrets, and shows none of them", async () => {
    const { kube } = platform.cluster;
    const ref = { apiVersion: "v1", kind: "Secret", namespace: "noetl", name: "noetl-secret" };
    const { data = {} } = ((await kube.get(ref)) ?? {}) as { data?: Record<string, string> };
    const texts = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
    expect(Object.fromEntries(texts)).toEqual({
      NOETL_ENCRYPTION_KEY: CANARIES.encryptionKey,
      NOETL_PASSWORD: CANARIES.noetlPassword,
      POSTGRES_PASSWORD: CANARIES.postgresPassword,
    });
    const all = [...printed, ...stack.said, await stack.exported()].join("\n");
    expect(Object.values(CANARIES).filter((value) => all.includes(value))).toEqual([]);
  });

  /** Runs the command that adopt prints as a shell does; without kubectl, what it would print comes from here. */
  function moveSecret(setting: string, command: string): void {
    const { root, workDir, env, pulumiHome } = stack.settings;
    const [kubectl] = onPath("kubectl", process.env);
    const shell = kubectl === undefined ? command.slice(command.indexOf("pulumi ")) : command;
    execFileSync("sh", ["-c", shell], {
      cwd: workDir,
      env: { ...env, PATH: `${join(root, "bin")}:${env.PATH ?? ""}`, PULUMI_HOME: pulumiHome },
      input: CANARIES[setting.replace("noetl:secrets.", "") as keyof typeof CANARIES],
      stdio: "pipe",
    });
  }
});
