import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { version as pulumiVersion } from "@pulumi/pulumi/package.json";
import { schemaText } from "../../../library/schema/write";
import { projectFolder } from "../../../preview/project-folder";
import { buildPlace } from "../../../tools/cache";
import { NO_GO, onPath } from "../../../tools/go";
import { shortUrn } from "../engine/plan";
import { projectImpossible } from "../engine/requirements";
import { ServiceProcess } from "../orchestrator/process";
import { pythonWith } from "../support/pypi";
import { describeUnless } from "../stacks/requirements";
import { PACKAGE, Place } from "./place";

const SECRET = "change-me";

/** What `pulumi preview --json` prints, as far as it is read here. */
interface Preview {
  steps: { op: string; urn: string }[];
}

/** The file that docs/library.md shows under a name. */
function documented(name: string): string {
  const page = readFileSync(join(projectFolder(), "docs", "library.md"), "utf8");
  const [, text] = new RegExp(`^\`\`\`\\w+ file=${name}\\n([^]*?)^\`\`\`$`, "m").exec(page) ?? [];
  if (text === undefined) throw new Error(`docs/library.md shows no ${name}`);
  return text;
}

/** `TYPE::NAME` of what runs pods, sorted. */
function workloads(resources: readonly { urn: string }[]): string[] {
  return resources
    .map(({ urn }) => shortUrn(urn))
    .filter((urn) => /:(Deployment|StatefulSet)::/.test(urn))
    .sort();
}

const PYTHON = pythonWith({ requirement: `pulumi==${pulumiVersion}`, module: "pulumi", whole: true });

function pythonImpossible(): string | undefined {
  if (typeof PYTHON === "string") return PYTHON;
  return existsSync(buildPlace("pulumi-language-python", process.env).home) ? undefined : `no language host; ${NO_GO}`;
}

function goImpossible(): string | undefined {
  const missing = (["pulumi-language-go", "pulumi-sdk-go"] as const).filter(
    (name) => !existsSync(buildPlace(name, process.env).home),
  );
  if (missing.length > 0) return `${missing.join(", ")} not built; ${NO_GO}`;
  return onPath("go", process.env).length > 0 ? undefined : NO_GO;
}

const PLATFORM = [
  "kubernetes:apps/v1:Deployment::noetl-server-rust",
  "kubernetes:apps/v1:Deployment::noetl-worker-system-pool",
  "kubernetes:apps/v1:StatefulSet::nats",
  "kubernetes:apps/v1:StatefulSet::postgres",
];

it("schema.json is what the classes say today", () => {
  const file = join(PACKAGE, "schema.json");
  const committed = readFileSync(file, "utf8");
  const current = schemaText();
  // Like a render: the new one takes the place of the old, and the test fails all the same.
  writeFileSync(file, current);
  expect(committed).toBe(current);
});

describeUnless(projectImpossible(), "the package in a stranger's program", () => {
  let place: Place;
  let packed: string[];

  beforeAll(async () => {
    place = await Place.make();
    packed = await place.install();
  });

  afterAll(() => {
    (place as Place | undefined)?.remove();
  });

  it("holds what it needs and nothing else", () => {
    const own = packed.filter((path) => !path.startsWith("dist/")).sort();
    expect(own).toEqual(["LICENSE", "PulumiPlugin.yaml", "README.md", "package.json", "schema.json"]);
    const rooms = new Set(packed.filter((path) => path.startsWith("dist/")).map((path) => path.split("/")[1]));
    expect([...rooms].sort()).toEqual(["components", "library", "orchestrator", "stacks"]);
    expect(packed.filter((path) => path.startsWith("dist/orchestrator/")).sort()).toEqual(
      ["api-types", "client"].flatMap((name) => [`dist/orchestrator/${name}.d.ts`, `dist/orchestrator/${name}.js`]),
    );
    const others = [
      "jest",
      "fastify",
      "esbuild",
      "pg",
      "dockerode",
      "surrealdb",
      "@kubernetes/client-node",
      "@pulumi/policy",
    ];
    expect(others.filter((name) => existsSync(join(place.project, "node_modules", name)))).toEqual([]);
  });

  it("given the program of docs/library.md, when it is compiled and previewed, then it makes a platform and a part", async () => {
    writeFileSync(join(place.project, "index.ts"), documented("index.ts"));
    writeFileSync(
      join(place.project, "Pulumi.yaml"),
      "name: stranger\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
    );
    await place.compile();
    place.useNodejs();
    await place.pulumi(place.project, "stack", "select", "--create", "dev");
    const preview = JSON.parse(await place.pulumi(place.project, "preview", "--json")) as Preview;

    expect(workloads(preview.steps)).toEqual(
      [
        ...PLATFORM,
        "kubernetes:apps/v1:Deployment::noetl-worker-rust",
        "kubernetes:apps/v1:StatefulSet::events-nats",
      ].sort(),
    );
    expect(new Set(preview.steps.map(({ op }) => op))).toEqual(new Set(["create"]));
  });

  it("given the client of docs/library.md, when it asks an orchestrator, then it hears what a preview says, or why not", async () => {
    writeFileSync(join(place.project, "client.ts"), documented("client.ts"));
    await place.compile("client.ts");
    const service = await ServiceProcess.start(["--data-dir", join(place.folder, "orchestrator")]);
    const asked = (stack: string) =>
      place.node(
        `require("./client.js").preview("${service.url}", "${stack}").then(console.log, (error) => console.log(error.message))`,
      );

    const [known, unknown] = [await asked("kind"), await asked("nobody")];

    await service.end("SIGTERM");
    expect(known).toMatch(/resources would change[^]*\n\d+\n$/);
    expect(unknown).toMatch(/there is no stack nobody/);
  });

  it("given mistakes in the settings, then the preview names all of them, without a trace", async () => {
    const file = join(place.project, "index.js");
    writeFileSync(file, readFileSync(file, "utf8").replace('profile: "kind"', 'profile: "kint", nast: {}'));
    const { message } = await place.pulumi(place.project, "preview").then(
      () => new Error("it did not fail"),
      (error: unknown) => error as Error,
    );

    expect(message).toContain("Platform noetl: 2 problems");
    expect(message).toContain("noetl:nast: unknown key");
    expect(message).toContain('noetl:profile: "kint" is none of the choices');
    expect(message).not.toMatch(/unhandled exception|^\s+at /m);
  });

  describe("as a component package", () => {
    let plugin: string;

    beforeAll(() => {
      plugin = place.usePlugin();
    });

    it("given the CLI asks for its schema, then it is that of the classes", async () => {
      const { name, version, resources } = JSON.parse(
        await place.pulumi(place.folder, "package", "get-schema", plugin),
      ) as { name: string; version: string; resources: object };

      const committed = JSON.parse(readFileSync(join(PACKAGE, "schema.json"), "utf8")) as typeof resources & {
        version: string;
        resources: object;
      };
      expect([name, version]).toEqual(["noetl", committed.version]);
      expect(Object.keys(resources).sort()).toEqual(Object.keys(committed.resources).sort());
    });

    /** What a program that was deployed has made and told. */
    async function deployed(project: string): Promise<{ workloads: string[]; outputs: unknown; state: string }> {
      await place.pulumi(project, "stack", "select", "--create", "dev");
      await place.pulumi(project, "up", "--yes", "--skip-preview");
      const state = await place.pulumi(project, "stack", "export");
      const { deployment } = JSON.parse(state) as { deployment: { resources: { urn: string }[] } };
      const outputs: unknown = JSON.parse(await place.pulumi(project, "stack", "output", "--json"));
      return { workloads: workloads(deployment.resources), outputs, state };
    }

    const EXPECTED = {
      workloads: [...PLATFORM, "kubernetes:apps/v1:Deployment::more-workers"].sort(),
      outputs: {
        serverUrl: "http://noetl-server-rust.noetl.svc.cluster.local:8082",
        consumers: ["noetl_worker_pool_shared"],
      },
      state: expect.not.stringContaining(SECRET),
    };

    describeUnless(pythonImpossible(), "of a Python program", () => {
      it("given that of docs/library.md, when it is deployed, then a platform and more workers are there", async () => {
        place.usePython(typeof PYTHON === "string" ? "" : (PYTHON.env.PYTHONPATH ?? ""));
        const project = join(place.folder, "python");
        mkdirSync(project, { recursive: true });
        writeFileSync(join(project, "Pulumi.yaml"), "name: stranger-py\nruntime: python\n");
        writeFileSync(join(project, "__main__.py"), documented("__main__.py"));

        expect(await deployed(project)).toEqual(EXPECTED);
      });
    });

    describeUnless(goImpossible(), "of a Go program", () => {
      it("given that of docs/library.md and its SDK, when it is deployed, then a platform and more workers are there", async () => {
        const project = join(place.folder, "go");
        await place.useGo(join(project, "sdks", "noetl"));
        writeFileSync(join(project, "Pulumi.yaml"), "name: stranger-go\nruntime: go\n");
        for (const name of ["go.mod", "main.go"]) writeFileSync(join(project, name), documented(name));

        expect(await deployed(project)).toEqual(EXPECTED);
      });
    });
  });
});
