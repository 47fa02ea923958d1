/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call --
   mutations write into manifests of any kind, and a wrong one makes its test fail */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { ResourceGraph } from "../../../preview/graph";
import { POLICIES, runPolicies } from "../../../preview/policies";
import { goodGraph, mutated } from "../../preview/policies/good";

/*
 * The pack in a process of its own, started as the CLI's analyzer plugin starts it and asked by the protocol of the
 * engine. Not proved here: what the CLI prints of the answers.
 */

const ROOT = join(__dirname, "..", "..", "..");
/** What stands for a text that only the update will know (sdk/nodejs/runtime/rpc.ts of Pulumi). */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

let pack: ChildProcess;
let client: AnalyzerClient;

beforeAll(async () => {
  const runner = join(ROOT, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const started = spawn(process.execPath, [runner, "127.0.0.1:1", "."], {
    cwd: join(ROOT, "policy-pack"),
    stdio: [...stdio],
  });
  pack = started;
  // The engine reads the port from the first line, too.
  const [port] = (await once(createInterface(started.stdout), "line")) as [string];
  client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
}, 120_000);

afterAll(async () => {
  client.close();
  const ended = once(pack, "exit");
  pack.kill();
  await ended;
});

/** What the engine would send of a graph, under a stack's name. */
function request({ resources }: ResourceGraph, stack: string): proto.AnalyzeStackRequest {
  const message = new proto.AnalyzeStackRequest();
  for (const { urn, type, name, parent = "", protect, inputs } of resources) {
    const resource = new proto.AnalyzerResource();
    const options = new proto.AnalyzerResourceOptions();
    options.setProtect(protect);
    resource.setUrn(urn.replace("urn:pulumi:kind::", `urn:pulumi:${stack}::`));
    resource.setType(type);
    resource.setName(name);
    resource.setParent(parent);
    resource.setOptions(options);
    resource.setProperties(Struct.fromJavaScript(inputs));
    message.addResources(resource);
  }
  return message;
}

async function said(graph: ResourceGraph, stack = "elsewhere"): Promise<string[]> {
  const answer = await new Promise<proto.AnalyzeResponse>((resolve, reject) => {
    client.analyzeStack(request(graph, stack), (error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
  });
  return answer.getDiagnosticsList().map((one) => {
    const level = one.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY ? "mandatory" : "advisory";
    return `${level} ${one.getPolicyname()} ${one.getUrn().split("::").at(-1) ?? ""}: ${one.getMessage()}`;
  });
}

describe("the policy pack", () => {
  test("given the engine's question, then it names every policy with its level", async () => {
    const info = await new Promise<proto.AnalyzerInfo>((resolve, reject) => {
      client.getAnalyzerInfo(new Empty(), (error, response) => {
        if (error) reject(error);
        else resolve(response);
      });
    });
    const levels = { error: proto.EnforcementLevel.MANDATORY, warning: proto.EnforcementLevel.ADVISORY };
    expect(info.getName()).toBe("noetl");
    expect(info.getPoliciesList().map((one) => [one.getName(), one.getEnforcementlevel()])).toEqual(
      POLICIES.map(({ id, severity }) => [id, levels[severity]]),
    );
  });

  test("given a good stack, then it says nothing", async () => {
    expect(await said(goodGraph())).toEqual([]);
  });

  test("given one that breaks policies, then it says what the preview says, by level", async () => {
    const graph = mutated("Deployment shop", ({ spec }) => {
      spec.template.spec.hostNetwork = true;
      delete spec.template.spec.topologySpreadConstraints;
    });
    const [host, zones] = runPolicies(graph, true);
    expect(await said(graph)).toEqual([
      `mandatory restricted-pods shop: ${POLICIES[0]?.title ?? ""}\n${host?.message ?? ""}. Fix: ${host?.fix ?? ""}.`,
      expect.stringMatching(/^advisory zone-spread shop: [^]*nothing spreads its 2 pods over zones\. Fix: /),
    ]);
    expect(zones?.rule).toBe("zone-spread");
  });

  test("given the stack file of a laptop, then what only production must is not asked", async () => {
    const graph = mutated("Deployment shop", ({ spec }) => (spec.template.spec.containers[0].image = "shop:1"));
    expect(await said(graph)).toHaveLength(1);
    expect(await said(graph, "kind")).toEqual([]);
  });

  test("given what only the update will know, then the rest is judged all the same", async () => {
    const graph = mutated("Deployment shop", ({ spec }) => {
      spec.template.spec.serviceAccountName = UNKNOWN_TEXT;
      spec.template.spec.hostPID = true;
    });
    expect(await said(graph)).toEqual([expect.stringMatching(/host namespaces: hostPID/)]);
  });

  test("given a secret in plain text, then it is found and not repeated", async () => {
    const canary = "canary-3f8a";
    const secret = { [SIGNATURE_KEY]: SECRET_SIGNATURE, value: canary };
    const graph = mutated("Deployment shop", ({ spec }) => {
      spec.template.spec.containers[0].env.push({ name: "PGPASSWORD", value: secret });
    });
    const found = await said(graph);
    expect(found).toEqual([expect.stringMatching(/variable PGPASSWORD of container 'shop' is a secret by its name/)]);
    expect(found.join()).not.toContain(canary);
  });
});
