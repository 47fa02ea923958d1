import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ran } from "./ran";

describe("noetl-ops verify", () => {
  test("without a rig, lists them", async () => {
    const { status, stdout, stderr } = await ran(["verify"]);

    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^shard-drift-guard +server and gateway compute the same shard for an execution$/m);
    expect((await ran(["verify", "--list", "shard-drift-guard"])).stdout).toBe(stdout);
  });

  test("of a rig that there is not names those there are", async () => {
    const { status, stderr } = await ran(["verify", "shard-routing"]);

    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: there is no rig 'shard-routing'\n(did you mean .*\n)?allowed: shard-drift-guard, shard-routing-n2/,
    );
  });

  test.each([
    ["a rig with --revert", ["verify", "shard-drift-guard", "--revert"], "error: --revert stands alone"],
    [
      "two formats",
      ["verify", "shard-drift-guard", "--json", "--markdown"],
      "error: option '--json' cannot be used with",
    ],
  ])("%s is wrong usage", async (_, args, message) => {
    const { status, stderr } = await ran(args);

    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  describe("with a kubeconfig", () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "noetl-verify-"));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    function verify(context: string) {
      const kubeconfig = join(folder, "kubeconfig");
      const cluster = { server: "https://127.0.0.1:1" };
      writeFileSync(
        kubeconfig,
        JSON.stringify({
          clusters: [{ name: "c", cluster }],
          users: [{ name: "u", user: {} }],
          contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
        }),
      );
      return ran(["verify", "shard-drift-guard"], { env: { KUBECONFIG: kubeconfig, XDG_STATE_HOME: folder } });
    }

    test("that has not the stack's context, it touches no other", async () => {
      const { status, stderr } = await verify("production");

      expect(status).toBe(1);
      expect(stderr).toBe(
        'error: the kubeconfig has no context "kind-noetl", which the stack names in noetl:cluster.context; it has: production\n' +
          "next: get the credentials of that cluster, or allow another context with --context NAME\n",
      );
    });

    test("of a cluster that does not answer, it says so, and leaves no journal", async () => {
      const { status, stderr } = await verify("kind-noetl");

      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^error: the API server https:\/\/127\.0\.0\.1:1 does not answer: .*\nnext: kubectl --context kind-noetl version\n$/,
      );
      expect(readdirSync(folder)).toEqual(["kubeconfig"]);
    });
  });
});
