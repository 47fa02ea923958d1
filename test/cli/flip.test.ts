import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readStackFile } from "../../stacks/config/stack-file";
import { SHADOW } from "../operations/flip/facts";
import { type Scripted, ScriptedApi, type Seen } from "../operations/monitoring/scripted";
import { stackText } from "../stacks/config/support";
import { ran } from "./ran";
import { beside } from "./support";

describe("noetl-ops flip publish-only", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-flip-"));
    file = join(folder, "Pulumi.test.yaml");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (flip: string): string => {
    const text = stackText(SHADOW.replace("flip: shadow }", `flip: "${flip}" } # the flip`));
    writeFileSync(file, text);
    return text;
  };
  const run = (...args: string[]) => ran(["flip", "publish-only", "--stack-file", file, ...args]);

  test("--on goes from off to shadow, shows first what restarts, and keeps the rest of the file", async () => {
    const text = write("off");
    const { status, stdout, stderr } = await run("--on");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.replace(folder, "FOLDER").split("\n")).toEqual([
      "flip  off → shadow: the materializer runs beside the server, which still writes events itself",
      "",
      "test  Pulumi.test.yaml → with the edit",
      "  +0 ~1 -0  1 rolling restart (1 pod); 47 the same",
      "",
      "  Restarts",
      "  ~ Deployment noetl/noetl-worker-system-pool",
      "      the pod template changes, so the controller replaces the pods: 1 pod, none away and 1 more at",
      "      a time",
      "      at worst 3 min",
      "      spec.template.spec.containers[worker].env[NOETL_MATERIALIZER_ENABLED].value  false → true",
      "wrote FOLDER/Pulumi.test.yaml",
      "next: review it, then run: pulumi up",
      "",
    ]);
    expect(readFileSync(file, "utf8")).toBe(text.replace('"off"', "shadow"));
  });

  test("--dry-run writes nothing", async () => {
    const text = write("off");
    const { status, stdout } = await run("--on", "--dry-run");
    expect(status).toBe(0);
    expect(stdout).toMatch(/nothing was written\n$/);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("--on from shadow refuses while conditions do not hold", async () => {
    const text = write("shadow");
    const { status, stdout, stderr } = await run("--on");
    expect(status).toBe(1);
    expect(stdout).toMatch(/^preconditions {2}7 of 9 do not hold\n {2}✓ the materializer runs in shadow/);
    expect(stderr).toBe(
      "error: the flip is not safe yet, and nothing was written\n" +
        "next: mend what does not hold; or go on all the same with --force-reason TEXT, which the stack file keeps\n",
    );
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("--on with a reason goes on, and the file keeps the reason", async () => {
    const lines = SHADOW.replace("noetl:server: { flip: shadow }", "noetl:server:\n  flip: shadow");
    writeFileSync(file, stackText(lines));
    const { status, stdout } = await run("--on", "--force-reason", "a drill on a cluster of nobody's");
    expect(status).toBe(0);
    expect(stdout).toContain(
      "flip  shadow → on: the server only publishes events, and the materializer writes them\n\n" +
        "test  Pulumi.test.yaml → with the edit\n",
    );
    expect(stdout.match(/^ {2}~ .*/gm)).toEqual([
      "  ~ Deployment noetl/noetl-server-rust",
      "  ~ Deployment noetl/noetl-worker-system-pool",
    ]);
    expect(readFileSync(file, "utf8")).toMatch(
      /\n {4}# noetl-ops: forced on \d{4}-\d\d-\d\d: a drill on a cluster of nobody's\n {4}flip: "on"\n$/,
    );
    expect((await run("--off")).status).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(stackText(lines));
  });

  test("--off from shadow does nothing, and says what is left", async () => {
    write("shadow");
    expect(await run("--off")).toEqual({
      status: 0,
      stdout: "nothing to do: noetl:server.flip is shadow; the materializer stays until flip is set to off by hand\n",
      stderr: "",
    });
  });

  test("--check --json tells each condition", async () => {
    write("shadow");
    const { status, stdout } = await run("--check", "--json");
    expect(status).toBe(1);
    const { ready, conditions } = JSON.parse(stdout) as { ready: boolean; conditions: { id: string; state: string }[] };
    expect(ready).toBe(false);
    expect(conditions.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "stage pass",
      "workers unknown",
      "server unknown",
      "rules unknown",
      "materializer unknown",
      "backlog unknown",
      "alerts unknown",
      "pager unknown",
      "database pass",
    ]);
  });

  test("--check asks Google for the stack's project, when no monitoring is named", async () => {
    const gcp = "noetl:gcp: { project: acme-test, region: us-central1, cluster: { mode: existing } }";
    writeFileSync(file, stackText(`${SHADOW}\n${gcp}`));
    // Credentials that cannot be read, so that nobody asks Google in a test.
    const env = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "none.json") };
    const { status, stdout } = await ran(["flip", "publish-only", "--stack-file", file, "--check"], { env });
    expect(status).toBe(1);
    expect(stdout).toMatch(/\? workers are scraped +Application Default Credentials give no token: /);
  });

  test.each<[string, string[], string]>([
    ["nothing", [], "give one of --check, --on, --off and --prove-pager"],
    ["two at once", ["--on", "--off"], "give one of --check, --on, --off and --prove-pager"],
    ["a proof by nobody", ["--prove-pager", "--alertmanager-url", "http://x"], "needs --alertmanager-url and --by"],
    ["a short baseline", ["--check", "--baseline", "14"], "a whole number of minutes from 15 to 30 is needed"],
    ["a long baseline", ["--check", "--baseline", "31"], "a whole number of minutes from 15 to 30 is needed"],
    ["a reason that is none", ["--on", "--force-reason", "because"], "a line of 10 to 500 characters is needed"],
    ["a reason of two lines", ["--on", "--force-reason", "it is\nnecessary now"], "a line of 10 to 500 characters"],
    ["a name that is none", ["--prove-pager", "--by", "x\ny"], "a name of letters, digits"],
  ])("refuses %s", async (_, args, message) => {
    write("shadow");
    const { status, stderr } = await run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("tells all mistakes of a broken stack file", async () => {
    writeFileSync(file, stackText("noetl:server: { flip: maybe, replicas: 0 }"));
    const { status, stderr } = await run("--check");
    expect(status).toBe(1);
    expect(stderr).toContain("2 problems");
  });

  describe("--prove-pager", () => {
    let alertmanager: ScriptedApi;
    let receivers: string[];
    let silencedBy: string[];

    beforeEach(async () => {
      [receivers, silencedBy] = [["noetl-flip-pager"], []];
      alertmanager = await ScriptedApi.start(answer);
      write("shadow");
    });
    afterEach(() => {
      alertmanager.stop();
    });

    function answer({ method }: Seen): Scripted {
      if (method === "POST") return { body: "" };
      const status = { state: "active", silencedBy, inhibitedBy: [] };
      return { body: [{ labels: {}, receivers: receivers.map((name) => ({ name })), status }] };
    }

    interface Raised {
      labels: Record<string, string>;
      annotations: { summary: string };
      startsAt: string;
      endsAt: string;
    }

    const raised = (): Raised[] =>
      alertmanager.seen.filter(({ method }) => method === "POST").flatMap(({ body }) => JSON.parse(body) as Raised[]);

    /** The code, where alone it stands: in the page. */
    const code = (): string => /\d{6}/.exec(raised()[0]?.annotations.summary ?? "")?.[0] ?? "";

    const prove = (say: () => string) => {
      let said = false;
      return beside(
        [
          "flip",
          "publish-only",
          "--stack-file",
          file,
          "--prove-pager",
          "--alertmanager-url",
          alertmanager.url,
          "--by",
          "kim",
        ],
        {
          onOutput: (stdout, write) => {
            if (said || !stdout.includes("code: ")) return;
            said = true;
            write(say());
          },
        },
      );
    };

    test("pages with the flip's labels, and records whoever tells the code of the page", async () => {
      const { status, stdout, stderr } = await prove(() => `${code()}\n`);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).not.toContain(code());
      const [page, end] = raised();
      expect(page?.labels).toEqual({
        alertname: "NoetlPagerProof",
        noetl_io_flip_guardrail: "publish-only",
        severity: "critical",
        component: "materializer",
        proof: expect.stringMatching(/^[0-9a-f]{12}$/) as never,
      });
      expect(end?.labels).toEqual(page?.labels);
      expect(Date.parse(end?.endsAt ?? "")).toBeLessThan(Date.parse(page?.endsAt ?? ""));
      expect(readStackFile(file).config.pager.proof).toMatchObject({ by: "kim", receiver: "noetl-flip-pager" });
      expect((await run("--check")).stdout).toContain("kim answered the page at ");
    });

    test("proves nothing by guesses", async () => {
      const text = readFileSync(file, "utf8");
      const { status, stderr } = await prove(() => "1\n2\n3\n");
      expect({ status, stderr }).toEqual({ status: 1, stderr: "error: three wrong codes: the pager is not proven\n" });
      expect(readFileSync(file, "utf8")).toBe(text);
      expect(raised()).toHaveLength(2);
    });

    test("proves nothing when nobody answers", async () => {
      const { status, stderr } = await prove(() => "");
      expect(status).toBe(1);
      expect(stderr).toContain("error: nobody gave the code: the pager is not proven\n");
    });

    test.each<[string, () => void, string]>([
      [
        "sends it elsewhere",
        () => (receivers = ["default"]),
        "sends the flip's alerts to default, not to noetl-flip-pager",
      ],
      ["keeps it back", () => (silencedBy = ["a"]), "a silence keeps the page back"],
    ])("says so when the Alertmanager %s", async (_, change, message) => {
      change();
      const { status, stderr } = await prove(() => "");
      expect(status).toBe(1);
      expect(stderr).toContain(message);
    });

    test("says so when there is no Alertmanager", async () => {
      alertmanager.stop();
      const { status, stderr } = await prove(() => "");
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: no proof: http:\S+ cannot be reached: connect ECONNREFUSED/);
    });
  });
});
