import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { HIDDEN } from "../../../orchestrator/redact";
import { authorityOf } from "../../operations/rigs/authority";
import { DEAD, Disk } from "../storage/disk";
import { FakeDocker } from "./fake-docker";
import { Served } from "./served";

let served: Served;

afterEach(async () => {
  await served.stop();
});

function connected(): Socket {
  const { hostname, port } = new URL(served.service.url);
  return connect(Number(port), hostname);
}

/** Sends bytes, and reads until the service closes. */
async function raw(...parts: string[]): Promise<string> {
  const socket = connected();
  let answer = "";
  socket.on("data", (data) => (answer += data.toString()));
  // A service that has answered may close before all was sent.
  socket.on("error", () => undefined);
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once("close", resolve));
  return answer;
}

/** Every text in every file below a folder. */
function onDisk(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"))
    .join("\n");
}

test("no secret leaves by any exit: log, events, audit, answers, errors, metrics, files", async () => {
  const canary = (exit: string) => `canary${exit}canary`;
  const known = canary("known");
  served = await Served.start({ secrets: [known], storage: { reserveBytes: 4096 } });
  served.script = async (_work, context) => {
    await context.log([
      { at: 1, stream: "stdout", text: `PASSWORD=${canary("log")} and ${known}` },
      { at: 2, stream: "stderr", text: "-----BEGIN PRIVATE KEY-----" },
      { at: 3, stream: "stderr", text: canary("key") },
      { at: 4, stream: "stderr", text: "-----END PRIVATE KEY-----" },
    ]);
    await context.progress({ done: 1, total: 2, message: `https://ann:${canary("progress")}@x.y` });
    if (_work.stack === "kind") throw new Error(`cannot log in with token=${canary("error")}`);
    return { url: `nats://ann:${canary("result")}@x:4222`, db: { password: canary("field") } };
  };
  const abort = new AbortController();
  const stream = await fetch(`${served.service.url}/events`, { signal: abort.signal });
  const why = `secret=${canary("why")}`;
  const name = `Bearer ${canary("name")}`;
  const exits: string[] = [];
  const ask = async (...args: Parameters<Served["ask"]>) => {
    const answer = await served.ask(...args);
    exits.push(answer.text, JSON.stringify([...answer.headers]));
    return answer;
  };
  for (const infra of ["kind", "production"]) {
    const body = { infra, name, retries: 0, wait: true };
    const submitted = await ask("POST", "/workflows/cluster/create", body);
    const id = submitted.json.data as string;
    for (const path of ["", "/logs", "/events"]) await ask("GET", `/tasks/${id}${path}`);
  }
  const waiting = await served.submit({ require_approval: true });
  await ask("POST", `/tasks/${waiting}/reject`, { why });
  await ask("POST", "/queue/pause", { scope: { stack: "kind" }, why });
  await ask("POST", "/workflows/cluster/create", { infra: "kind" }, { "idempotency-key": `token=${canary("key")}` });
  await ask("POST", "/workflows/cluster/create", { infra: "kind", [`token=${canary("name")}`]: 1 });
  await ask("GET", `/token=${canary("path")}?token=${canary("query")}`, undefined, {
    authorization: `Bearer ${canary("header")}`,
    cookie: `token=${canary("cookie")}`,
  });
  for (const path of ["/audit?limit=1000", "/metrics", "/tasks", "/queue", "/health"]) await ask("GET", path);
  await ask("POST", "/queue/resume", { scope: { stack: "kind" } });
  for await (const chunk of stream.body ?? []) {
    exits.push(Buffer.from(chunk as Uint8Array).toString());
    if (exits.at(-1)?.includes(waiting)) break;
  }
  abort.abort();
  const all = `${exits.join("\n")}${JSON.stringify(served.log)}${onDisk(join(served.folder, "data"))}`;
  expect(all.match(/canary\w*canary/g) ?? []).toEqual([]);
  // The same exits do tell what is no secret.
  expect(all).toContain(`PASSWORD=${HIDDEN} and ${HIDDEN}`);
  expect(all).toContain(`cannot log in with token=${HIDDEN}`);
  expect(all).toContain(`nats://ann:${HIDDEN}@x:4222`);
  expect(all).toContain(`Bearer ${HIDDEN}`);
  expect(all).toContain(`secret=${HIDDEN}`);
});

test("what stands in a field that its schema marks as secret leaves by no exit, whatever it looks like", async () => {
  const docker = await FakeDocker.start();
  try {
    served = await Served.start({ environments: { docker: docker.address }, storage: { reserveBytes: 4096 } });
    docker.missing = "nothing like canaryenvcanary here";
    const config = { type: "single_taskserv", taskserv: "redis", env: { MODE: "canaryenvcanary" } };
    const exits: string[] = [];
    const ask = async (...args: Parameters<Served["ask"]>) => {
      const answer = await served.ask(...args);
      exits.push(answer.text);
      return answer;
    };
    const { json } = await ask("POST", "/test/environments/create", { config, wait: true });
    docker.missing = "no such thing";
    const { id } = json.data as { id: string };
    const [task] = (await ask("GET", "/tasks")).json.data as { id: string }[];
    for (const path of ["", "/logs", "/events"]) await ask("GET", `/tasks/${task?.id}${path}`);
    for (const path of [`/test/environments/${id}`, "/test/environments", "/audit"]) await ask("GET", path);
    // The reaper asks at any time, and is told the same of nothing that anybody has asked for.
    const log = served.log.filter(({ event }) => event !== "environments");
    const all = `${exits.join("\n")}${JSON.stringify(log)}`;
    expect(all).toContain(`nothing like ${HIDDEN} here`);
    expect(all.match(/.{0,100}canaryenvcanary.{0,100}/g) ?? []).toEqual([]);
    // Its containers are made with it, also after a restart: it stands in the request that is kept, and there alone.
    const kept = onDisk(join(served.folder, "data")).split("\n");
    expect(
      kept
        .filter((line) => line.includes("canaryenvcanary"))
        .every((line) => line.includes(`S{"collection":"test-environments"`)),
    ).toBe(true);
    expect(kept.filter((line) => /canaryenvcanary.*canaryenvcanary/.test(line))).toEqual([]);
  } finally {
    await docker.stop();
  }
});

test("a body that does not arrive is given up with 408, and so are headers that do not", async () => {
  served = await Served.start({ arrivalMs: 2000 });
  const head = "POST /tasks/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
  const answers = await Promise.all([raw(`${head}content-length: 100\r\n\r\n{"tasks":`), raw(head)]);
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"too-slow"/);
  expect((await served.ask("GET", "/tasks")).status).toBe(200);
});

test("a flood of headers and an endless body are refused before they are read", async () => {
  served = await Served.start();
  const headers = Array.from({ length: 5000 }, (_, at) => `x-${at}: y\r\n`).join("");
  expect(await raw(`GET /tasks HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`)).toContain('"code":"headers-too-large"');
  const chunk = `10000\r\n${"a".repeat(0x10000)}\r\n`;
  const start =
    "POST /tasks/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
  expect(await raw(start, ...Array.from({ length: 32 }, () => chunk))).toMatch(
    /^HTTP\/1\.1 413 [^]*"code":"too-large"/,
  );
});

test("no link leads out of the project folder, and no stack's own file is one that does", async () => {
  served = await Served.start();
  const outside = join(served.folder, "..", `${Date.now()}-outside.yaml`);
  symlinkSync("/etc", join(served.folder, "etc"));
  symlinkSync("/etc/hostname", join(served.folder, "link.yaml"));
  symlinkSync("/etc/hostname", join(served.folder, "Pulumi.linked.yaml"));
  symlinkSync(outside, join(served.folder, "nowhere.yaml"));
  mkdirSync(join(served.folder, "below"));
  writeFileSync(join(served.folder, "below", "mine.yaml"), "config: {}\n");
  symlinkSync(join(served.folder, "below", "mine.yaml"), join(served.folder, "inside.yaml"));
  const ask = async (body: object) => {
    const { status, json } = await served.ask("POST", "/workflows/cluster/create", body);
    return [status, json.error?.code, json.error?.path];
  };
  for (const settings of ["etc/hostname", "link.yaml", "below/../../x.yaml", "./../x.yaml", "/etc/hostname"]) {
    expect(await ask({ infra: "kind", settings })).toEqual([400, "settings-refused", "body.settings"]);
  }
  expect(await ask({ infra: "kind", settings: "nowhere.yaml" })).toEqual([404, "settings-unknown", "body.settings"]);
  expect(await ask({ infra: "linked" })).toEqual([400, "settings-refused", "body.settings"]);
  for (const settings of ["inside.yaml", "below/mine.yaml", "below/../settings.yaml"]) {
    expect(await ask({ infra: "kind", settings })).toEqual([202, undefined, undefined]);
  }
});

test("a reader who is too slow is sent away, and goes on where it was", async () => {
  served = await Served.start();
  const text = "x".repeat(64 * 1024);
  let told = 0;
  served.script = async (_work, context) => {
    // More than the connection's own buffers take.
    for (; told < 400; told++) await context.progress({ done: told, total: 400, message: text });
    return null;
  };
  const slow = connected();
  slow.on("error", () => undefined);
  slow.write("GET /events HTTP/1.1\r\nhost: localhost\r\nlast-event-id: 0\r\n\r\n");
  await new Promise((resolve) => slow.once("readable", resolve));
  const id = await served.submit();
  await served.ask("GET", `/tasks/${id}/events`);
  let got = "";
  slow.on("data", (data: Buffer) => (got += data.toString("latin1")));
  await new Promise((resolve) => slow.once("close", resolve));
  expect(got).toContain("retry: 2000");
  expect(got).not.toContain('"to":"Completed"');
  const last = [...got.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? "0";
  const rest = await served.ask("GET", `/tasks/${id}/events`, undefined, { "last-event-id": last });
  expect(rest.text).toContain('"to":"Completed"');
});

test("a full disk refuses new work with 507, keeps and tells what there is, and goes on once there is room", async () => {
  const disk = new Disk();
  served = await Served.start({ storage: { files: disk, processes: DEAD, reserveBytes: 64 * 1024, retryMs: 10 } });
  const kept = await served.submit({ wait: true });
  disk.room = disk.used;
  // The first ones still find room in what is kept free for that.
  const answers = [];
  do answers.push(await served.ask("POST", "/workflows/cluster/create", { infra: "kind" }));
  while (answers.at(-1)?.status === 202);
  const refused = answers.pop();
  expect([refused?.status, refused?.json.error?.code, refused?.headers.get("retry-after")]).toEqual([
    507,
    "disk-full",
    "5",
  ]);
  const health = await served.ask("GET", "/health");
  expect(health.status).toBe(503);
  expect(health.json.data).toMatchObject({ reasons: [expect.stringContaining("the disk is full")] });
  expect(await served.task(kept)).toMatchObject({ status: "Completed" });
  expect((await served.ask("GET", "/tasks")).status).toBe(200);
  disk.room = Infinity;
  let later = refused;
  while (later?.status === 507) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    later = await served.ask("POST", "/workflows/cluster/create", { infra: "kind", wait: true });
  }
  expect(later?.status).toBe(200);
  expect((await served.ask("GET", "/health")).status).toBe(200);
  for (const { json } of answers) {
    await served.ask("GET", `/tasks/${json.data as string}/events`);
    expect((await served.task(json.data as string)).status).toBe("Completed");
  }
});

test("with a certificate it speaks HTTPS only, to those who trust it, with the same limits", async () => {
  const { certificate: cert, key } = await authorityOf("ec");
  served = await Served.start({ tls: { cert, key }, arrivalMs: 2000 });
  const { url } = served.service;
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const ask = (ca: string | undefined, head: Record<string, string> = {}) =>
    new Promise<string>((resolve, reject) => {
      const isPost = head["content-length"] !== undefined;
      const [path, method] = isPost ? ["/tasks/batch", "POST"] : ["/tasks", "GET"];
      const options = { ca, agent: false, method, headers: head, checkServerIdentity: () => undefined };
      const asked = request(url + path, options);
      asked.on("error", reject).on("response", (response) => {
        let text = `${response.statusCode} `;
        response
          .on("data", (data: Buffer) => (text += data.toString()))
          .on("end", () => {
            resolve(text);
          });
      });
      // A body that is announced and does not come.
      if (isPost) asked.flushHeaders();
      else asked.end();
    });
  expect(await ask(cert)).toContain('200 {"success":true');
  await expect(ask(undefined)).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(await ask(cert, { "content-length": "9", "content-type": "application/json" })).toMatch(
    /^408 .*"code":"too-slow"/,
  );
  expect(await ask(cert, { x: "y".repeat(20_000) })).toMatch(/^431 .*"code":"headers-too-large"/);
  expect(await raw("GET /tasks HTTP/1.1\r\nhost: localhost\r\n\r\n")).not.toContain("success");
});

test("a certificate that is none is told before anything is opened", async () => {
  served = await Served.start();
  const wrong = { cert: "canary", key: "canary" };
  await expect(Served.start({ tls: wrong })).rejects.toThrow(
    /^--tls-cert and --tls-key must be a certificate and its key, both PEM: [A-Z_0-9]+$/,
  );
});
