import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ROOT } from "../cli/support";
import { jobOf, runStep, textOf, workflow, WORKFLOWS } from "./workflow";

const run = promisify(execFile);

describe.each(readdirSync(WORKFLOWS))("%s", (name) => {
  const steps = Object.values(workflow(name).jobs).flatMap((job) => job.steps);

  test("every action is pinned by its commit, with its version beside it", () => {
    const uses = textOf(name).match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  test("no expression stands in a script, where a branch name would be code", () => {
    expect(steps.filter((step) => step.run?.includes("${{"))).toEqual([]);
  });

  test("nothing is permitted but what a job says", () => {
    expect(workflow(name).permissions).toEqual({});
  });

  test("a checkout keeps no credentials", () => {
    const checkouts = steps.filter((step) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual(checkouts.map(() => false));
  });
});

test("what a pull request brings runs without secrets and rights; what may write runs none of it", () => {
  expect(Object.keys(workflow("preview.yml").on)).toEqual(["pull_request"]);
  expect(jobOf("preview.yml", "diff").permissions).toEqual({ contents: "read" });
  expect(JSON.stringify(jobOf("preview.yml", "diff"))).not.toMatch(/secrets\.|github\.token/);
  expect(jobOf("preview.yml", "pulumi").if).toContain("head.repo.full_name == github.repository");
  expect(Object.keys(workflow("preview-comments.yml").on)).toEqual(["workflow_run"]);
  expect(jobOf("preview-comments.yml", "post").permissions).toEqual({
    actions: "read",
    contents: "read",
    "pull-requests": "write",
  });
  const [checkout] = jobOf("preview-comments.yml", "post").steps;
  expect(checkout?.with).toEqual({ "persist-credentials": false, "sparse-checkout": ".github" });
});

/** A pull request as actions/checkout leaves it: the merge of an edit of the kind stack into main. */
class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "noetl-workflow-"));
  readonly project = join(this.folder, "project");

  constructor() {
    for (const name of readdirSync(ROOT)) {
      if (/^(\.git|node_modules|test|docs|bench|tools|agents|coverage|test-results|preview-out)$/.test(name)) continue;
      cpSync(join(ROOT, name), join(this.project, name), { recursive: true });
    }
    // What `npm ci` installs is here already.
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    writeFileSync(
      join(bin, "npm"),
      '#!/bin/sh\nmkdir node_modules && ln -s "$MODULES"/* node_modules && echo "npm $*"\n',
    );
    chmodSync(join(bin, "npm"), 0o755);
  }

  async git(...args: string[]): Promise<string> {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    return (await run("git", [...identity, ...args], { cwd: this.project, env: this.env() })).stdout.trim();
  }

  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      PATH: `${join(this.folder, "bin")}:${process.env.PATH ?? ""}`,
      HOME: this.folder,
      MODULES: join(ROOT, "node_modules"),
      GIT_CONFIG_NOSYSTEM: "1",
      GITHUB_STEP_SUMMARY: join(this.folder, "summary.md"),
      ...more,
    };
  }

  /** Runs the script of a step as a runner does. */
  async step(file: string, job: string, name: string, env: Record<string, string> = {}): Promise<string> {
    return runStep(file, job, name, { folder: this.folder, project: this.project, env: this.env(env) });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Comment {
  id: number;
  body: string;
  user: { type: string };
}

/** As much of GitHub as the script asks. */
class GitHub {
  readonly comments: Comment[] = [];
  readonly asked: string[] = [];
  head = { sha: "" };
  #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = "";
      request.on("data", (piece: Buffer) => (text += piece.toString()));
      request.on("end", () => {
        const { method = "", url = "" } = request;
        this.asked.push(`${method} ${url} ${request.headers.authorization ?? ""}`);
        const answer = this.answer(method, url, text === "" ? {} : (JSON.parse(text) as { body?: string }));
        response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
      });
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  private answer(method: string, url: string, { body = "" }: { body?: string }): unknown {
    if (url === "/repos/noetl/platform/pulls?state=open&per_page=100&head=somebody%3Afix") {
      return [
        { number: 6, head: { sha: "another" } },
        { number: 7, head: this.head },
      ];
    }
    if (method === "GET" && url === "/repos/noetl/platform/issues/7/comments?per_page=100&page=1") return this.comments;
    if (method === "POST" && url === "/repos/noetl/platform/issues/7/comments") {
      this.comments.push({ id: this.comments.length + 1, body, user: { type: "Bot" } });
      return {};
    }
    const id = Number(/^\/repos\/noetl\/platform\/issues\/comments\/(\d+)$/.exec(url)?.[1]);
    const comment = this.comments.find((one) => one.id === id);
    if (method !== "PATCH" || !comment) return undefined;
    comment.body = body;
    return {};
  }
}

describe("step by step", () => {
  let checkout: Checkout;
  let github: GitHub;
  let api: string;

  beforeAll(async () => {
    checkout = new Checkout();
    github = new GitHub();
    api = await github.start();
    await checkout.git("init", "--quiet", "--initial-branch=main");
    writeFileSync(join(checkout.project, ".gitignore"), "node_modules/\npreview-out/\n");
    await checkout.git("add", "--all");
    await checkout.git("commit", "--quiet", "--message", "main");
    await checkout.git("checkout", "--quiet", "-b", "fix");
    const file = join(checkout.project, "Pulumi.kind.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("maxConnections: 200", "maxConnections: 210"));
    await checkout.git("commit", "--quiet", "--all", "--message", "More connections");
    github.head.sha = await checkout.git("rev-parse", "HEAD");
    await checkout.git("checkout", "--quiet", "main");
    await checkout.git("merge", "--quiet", "--no-ff", "--message", "Merge", "fix");
  });

  afterAll(() => {
    github.stop();
    checkout.remove();
  });

  const post = (): Promise<string> =>
    checkout.step("preview-comments.yml", "post", "Post", {
      GITHUB_API_URL: api,
      GITHUB_REPOSITORY: "noetl/platform",
      GITHUB_TOKEN: "token",
      HEAD_OWNER: "somebody",
      HEAD_BRANCH: "fix",
      HEAD_SHA: github.head.sha,
      RUN_URL: "https://github.example/run/1",
    });

  test("given an edit of one stack, then that stack has a comment, and the other has none", async () => {
    expect(await checkout.step("preview.yml", "diff", "Install")).toBe(
      "npm ci --ignore-scripts --no-audit --no-fund\n",
    );
    await checkout.step("preview.yml", "diff", "Compare");

    const out = join(checkout.project, "preview-out");
    expect(readdirSync(join(out, "comments"))).toEqual(["kind.md", "kind.svg"]);
    const comment = readFileSync(join(out, "comments", "kind.md"), "utf8");
    expect(comment).toMatch(/^<!-- noetl-ops diff kind -->\n\n### kind: \+0 ~\d+ −0\n/);
    expect(comment).toContain("by `noetl:postgres.maxConnections`");
    expect(readFileSync(join(checkout.folder, "summary.md"), "utf8")).toContain("### gke: no difference");
    expect(readFileSync(join(out, "report.md"), "utf8")).toContain("### gke: no difference");
  });

  test("given no comment yet, then one is posted on the pull request of that commit, marked and signed", async () => {
    expect(await post()).toBe("posted the comment of kind on #7\n");

    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toMatch(/^<!-- noetl-ops diff kind -->\n\n### kind: /);
    expect(github.comments[0]?.body).toContain('<a href="https://github.example/run/1">');
    expect(github.asked.every((line) => line.endsWith(" Bearer token"))).toBe(true);
  });

  test("given the same again, then nothing is written; given another result, then the comment is edited", async () => {
    expect(await post()).toBe("");
    const file = join(checkout.project, "preview-out", "comments", "kind.md");
    writeFileSync(file, "<!-- noetl-ops diff gke -->\n### kind: other");

    expect(await post()).toBe("edited the comment of kind on #7\n");
    expect(github.comments.map(({ body }) => body.split("\n").slice(0, 3))).toEqual([
      ["<!-- noetl-ops diff kind -->", "", "### kind: other"],
    ]);
  });

  test("given a comment of a person with the marker, then it is left alone", async () => {
    const own = { id: 99, body: "<!-- noetl-ops diff gke --> mine", user: { type: "User" } };
    github.comments.push(own);
    expect(await post()).toBe("");
    expect(own.body).toBe("<!-- noetl-ops diff gke --> mine");
  });

  test("given a stack that is the same again, then its comment says so", async () => {
    rmSync(join(checkout.project, "preview-out", "comments", "kind.md"));
    expect(await post()).toBe("edited the comment of kind on #7\n");
    expect(github.comments[0]?.body).toContain("### kind: no difference any more");
  });

  test("given a pull request that has moved on, then nothing is posted", async () => {
    const { sha } = github.head;
    github.head = { sha: "newer" };
    const said = checkout.step("preview-comments.yml", "post", "Post", {
      GITHUB_API_URL: api,
      GITHUB_REPOSITORY: "noetl/platform",
      GITHUB_TOKEN: "token",
      HEAD_OWNER: "somebody",
      HEAD_BRANCH: "fix",
      HEAD_SHA: sha,
      RUN_URL: "https://github.example/run/2",
    });
    expect(await said).toBe(`no open pull request ends with ${sha}: nothing is posted\n`);
  });

  test("given secrets of the environment, then the kubeconfig is for its owner only", async () => {
    const file = join(checkout.folder, "env");
    await checkout.step("preview.yml", "pulumi", "Kubeconfig", {
      PREVIEW_KUBECONFIG: "apiVersion: v1",
      RUNNER_TEMP: checkout.folder,
      GITHUB_ENV: file,
    });
    expect(readFileSync(join(checkout.folder, "kubeconfig"), "utf8")).toBe("apiVersion: v1");
    expect(readFileSync(file, "utf8")).toBe(`KUBECONFIG=${join(checkout.folder, "kubeconfig")}\n`);
  });
});
