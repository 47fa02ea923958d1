import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { answers, type Scripted, ScriptedApi, type Seen } from "../operations/monitoring/scripted";
import { stackText } from "../stacks/config/support";
import { ran } from "./ran";
import { beside } from "./support";

const BACKLOG = { "noetl:materializer_backlog": "3", consumer_pending: "3", ack_pending: "0" };

const GCP = "noetl:gcp: { project: acme-test, region: us-central1, cluster: { mode: existing, name: blue } }";

describe("noetl-ops query", () => {
  let api: ScriptedApi;
  let answer: (request: Seen) => Scripted;

  beforeEach(async () => {
    answer = answers(BACKLOG);
    api = await ScriptedApi.start((request) => answer(request));
  });
  afterEach(() => {
    api.stop();
  });

  const table =
    "How many events wait for the materializer?\n" +
    "green  3 wait, of 200 at most\n\n  backlog         3\n  waiting         3\n  unacknowledged  0\n";

  test("prints the answer as a table and succeeds", async () => {
    expect(await beside(["query", "backlog", "--url", api.url])).toEqual({ status: 0, stdout: table, stderr: "" });
  });

  test("given --json, prints it for machines", async () => {
    const { stdout, ...ended } = await ran(["query", "backlog", "--url", api.url, "--json"]);
    expect(ended).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ query: "backlog", verdict: "green", warnings: [] });
  });

  test("given labels, asks only for such series", async () => {
    await ran(["query", "offserver-state", "--url", api.url, "--label", "cluster=a", "--label", "location=b"]);
    expect(api.seen.map(({ body }) => new URLSearchParams(body).get("query"))).toEqual([
      'sum(noetl_worker_state_builder_event_scans_total{cluster="a",location="b"})',
    ]);
  });

  test.each<[string, (request: Seen) => Scripted, number]>([
    ["red", answers({ ...BACKLOG, "noetl:materializer_backlog": "900" }), 1],
    ["no data", answers({}), 3],
    ["not a number", answers({ ...BACKLOG, consumer_pending: "NaN" }), 4],
    ["partial answer", answers(BACKLOG, { warnings: ["a store is away"] }), 5],
    ["unreachable", () => ({ status: 502, body: "" }), 6],
    ["not allowed", () => ({ status: 403, body: "" }), 7],
    ["too many requests", () => ({ status: 429, body: "" }), 8],
    ["unreadable", () => ({ body: "hello" }), 9],
  ])("%s has a word and an exit code of its own", async (word, given, code) => {
    answer = given;
    const { status, stdout, stderr } = await ran(["query", "backlog", "--url", api.url]);
    expect({ status, stderr, word: stdout.split("\n")[1]?.split("  ")[0] }).toEqual({ status: code, stderr: "", word });
  });

  test("given --watch, goes on after an outage, until it is interrupted", async () => {
    let asked = 0;
    answer = (request) => (asked++ < 3 ? { status: 503, body: "" } : answers(BACKLOG)(request));
    const { stdout } = await beside(["query", "backlog", "--url", api.url, "--watch", "--every", "1"], {
      enough: (text) => text.includes("green"),
    });
    expect(stdout).toMatch(/^How many [^]*\nunreachable {2}[^]*\ngreen {2}3 wait/);
  });

  describe("with Application Default Credentials", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "noetl-adc-"));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    /** Workload identity federation: a token of somebody else's, exchanged for one of Google's. */
    function credentials(): Record<string, string> {
      writeFileSync(join(folder, "subject"), "canary-subject");
      const content = {
        type: "external_account",
        audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: `${api.url}/v1/token`,
        credential_source: { file: join(folder, "subject") },
      };
      writeFileSync(join(folder, "adc.json"), JSON.stringify(content));
      return { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "adc.json"), HOME: folder };
    }

    test("asks with the token that they give", async () => {
      answer = (request) =>
        request.path === "/v1/token"
          ? {
              body: { access_token: "exchanged", token_type: "Bearer", expires_in: 3600 },
              headers: { "content-type": "application/json" },
            }
          : answers(BACKLOG)(request);
      const { status, stderr } = await beside(["query", "backlog", "--url", api.url, "--adc"], { env: credentials() });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const seen = api.seen.map(({ path, authorization = "nobody" }) => `${path} by ${authorization}`);
      expect([...new Set(seen)]).toEqual(["/v1/token by nobody", "/api/v1/query by Bearer exchanged"]);
    });

    test("says so when they give none, without a secret", async () => {
      answer = () => ({
        status: 400,
        body: { error: "invalid_grant" },
        headers: { "content-type": "application/json" },
      });
      const { status, stdout } = await beside(["query", "backlog", "--url", api.url, "--adc"], { env: credentials() });
      expect(status).toBe(7);
      expect(stdout).toContain("not allowed  Application Default Credentials give no token: ");
      expect(stdout).toContain("next: run: gcloud auth application-default login");
      expect(stdout).not.toContain("canary");
    });
  });

  describe("given a stack", () => {
    let folder: string;
    let file: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "noetl-query-"));
      file = join(folder, "Pulumi.test.yaml");
      writeFileSync(file, stackText(`${GCP}\nnoetl:monitoring: { thresholds: { backlogWarning: 2 } }`));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    test("asks Google for its project", async () => {
      // Credentials that cannot be read, so that nobody asks Google in a test.
      const env = { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "none.json") };
      const { status, stdout } = await ran(["query", "up", "--stack-file", file, "--json"], { env });
      expect(status).toBe(7);
      expect(JSON.parse(stdout)).toMatchObject({
        verdict: "unauthorized",
        place: "https://monitoring.googleapis.com/v1/projects/acme-test/location/global/prometheus",
      });
    });

    test("judges by its thresholds, also a Prometheus that is named, of which it knows no cluster", async () => {
      const { status, stdout } = await ran(["query", "backlog", "--url", api.url, "--stack-file", file]);
      expect({ status, verdict: stdout.split("\n")[1] }).toEqual({
        status: 1,
        verdict: "red  3 wait, which is more than 2",
      });
      expect(api.seen.map(({ body }) => new URLSearchParams(body).get("query"))).toContain(
        "max(noetl:materializer_backlog)",
      );
    });

    test("says what is wrong with it", async () => {
      writeFileSync(file, stackText("noetl:monitoring: { kind: maybe }"));
      const { status, stderr } = await ran(["query", "up", "--stack-file", file]);
      expect(status).toBe(1);
      expect(stderr).toContain("noetl:monitoring.kind");
    });
  });

  test.each<[string, string[], string]>([
    ["an unknown question", ["nothing"], "command-argument value 'nothing' is invalid for argument 'name'"],
    ["no question", [], "missing required argument 'name'"],
    ["a URL that is none", ["up", "--url", "prometheus:9090"], "an http:// or https:// URL is needed"],
    ["a URL with a password", ["up", "--url", "http://a:b@c"], "without user, password"],
    ["a project that is none", ["up", "--project", "A"], "a project id is needed"],
    ["two stacks", ["up", "--stack", "gke", "--stack-file", "x"], "cannot be used with option"],
    ["both", ["up", "--project", "acme-prod", "--url", "http://x"], "cannot be used with option '--url"],
    ["two kinds of token", ["up", "--url", "http://x", "--adc", "--token-file", "x"], "cannot be used with option"],
    ["a label that is none", ["up", "--label", "cluster"], "a label such as cluster=prod is needed"],
    ["an interval of nothing", ["up", "--watch", "--every", "0"], "a whole number of seconds above 0 is needed"],
  ])("refuses %s", async (_, args, message) => {
    const { status, stderr } = await ran(["query", ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("asks which Prometheus when none is named", async () => {
    expect(await ran(["query", "up"])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "error: which Prometheus shall be asked?\n" +
        "next: name it with --url http://127.0.0.1:9090, or the Google Cloud project with --project NAME or --stack NAME\n",
    });
  });
});
