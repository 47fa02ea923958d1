import { describe, expect, test } from "@jest/globals";
import { componentsOf, selectComponents } from "../../../operations/images/components";
import { manifestOf } from "../../../preview/graph";
import { at, listOf, objectOf, textOf } from "../../../preview/json";
import { renderStack } from "../../../preview/render";
import { editStackText } from "../../../stacks/config/edit";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { FILE, stackText } from "../../stacks/config/support";

const TEXT = stackText(
  [
    "noetl:server: { replicas: 3 }",
    "noetl:pythonServer: {}",
    "noetl:gateway: {}",
    "noetl:ollamaBridge: { ollamaUrl: http://ollama.example.com:11434 }",
    "noetl:workerPools:",
    "  - { name: one, poolName: one, segment: shared }",
    "  - { name: two, poolName: two, segment: subscription }",
    "noetl:subscriptions:",
    "  - { name: mail, path: subscriptions/mail }",
  ].join("\n"),
);

const PASSWORD = "noetl:secrets: { surrealdbPassword: { secure: v1:a } }\n";

describe("the components of a stack", () => {
  const components = componentsOf(parseStackFile(TEXT, FILE).config);

  test("each image that is set in the stack file is the one that the component's container runs", async () => {
    const edits = components.map(({ path, name }, index) => ({
      kind: "set" as const,
      path,
      value: `registry.example.com/${name}:${index + 1}`,
    }));
    const { resources } = await renderStack(parseStackFile(editStackText(TEXT, FILE, edits), FILE));
    const workloads = resources.flatMap((resource) => {
      const manifest = manifestOf(resource);
      const spec = at(manifest?.spec, "template", "spec");
      return listOf(at(spec, "containers"))
        .map(objectOf)
        .map(
          ({ name, image }) =>
            `${resource.urn.split("::").slice(2).join(" ")} ${manifest?.metadata.namespace ?? ""} ${textOf(name) ?? ""} ${textOf(image) ?? ""}`,
        );
    });

    for (const [index, { kind, name, container }] of components.entries()) {
      const expected = ` noetl ${container} registry.example.com/${name}:${index + 1}`;
      const [found = ""] = workloads.filter((workload) => workload.endsWith(expected));
      // The update is aimed at it by the end of its URN.
      expect(found).toMatch(new RegExp(`\\$kubernetes:apps/v1:${kind} ${name} `));
    }
    expect(components).toHaveLength(8);
  });

  const names = (wanted: string[]): string[] => selectComponents(components, wanted).map(({ name }) => name);

  test.each([
    ["a volume", "", "", "StatefulSet"],
    ["SurrealDB", ", surrealdb: { url: ws://db:8000, username: a }", PASSWORD, "Deployment"],
  ])("the orchestrator is found as what it is with %s", (_, more, secrets, kind) => {
    const orchestrator = `noetl:orchestrator: { image: a.example.com/b:1, oidc: { issuer: https://c.example.com, audience: d }${more} }`;
    const { config } = parseStackFile(stackText(`${secrets}${orchestrator}`), FILE);
    expect(componentsOf(config).find(({ name }) => name === "noetl-orchestrator")?.kind).toBe(kind);
  });

  test("move in the order server, workers, edge", () => {
    expect(names([])).toEqual([
      "noetl-server-rust",
      "noetl-server",
      "noetl-worker-system-pool",
      "one",
      "two",
      "mail",
      "noetl-gateway",
      "ollama-bridge",
    ]);
  });

  test("are chosen by name, or by what they are", () => {
    expect(names(["ollama-bridge", "noetl-server-rust"])).toEqual(["noetl-server-rust", "ollama-bridge"]);
    expect(names(["noetl-worker"])).toEqual(["noetl-worker-system-pool", "one", "two", "mail"]);
    // Here somebody has that very name.
    expect(names(["noetl-server"])).toEqual(["noetl-server"]);
  });

  test("a name that is nobody's is refused, with the name that was meant", () => {
    expect(() => names(["ollama-brigde"])).toThrow(
      "--deployment: this stack has no component 'ollama-brigde'\ndid you mean ollama-bridge?\nallowed: noetl-server-rust, noetl-server,",
    );
  });
});
