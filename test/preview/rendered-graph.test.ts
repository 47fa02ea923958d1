import { describe, expect, test } from "@jest/globals";
import { renderedFiles } from "../../preview/manifests";
import { formerRender } from "../../preview/rendered-graph";
import { component, configMap, graph, object, resource, workload } from "./support";

const SHOWN = graph(
  component(
    "noetl:nats:NatsCluster",
    "nats",
    configMap("nats-config", { "nats.conf": "port: 4222\n" }),
    workload({ kind: "StatefulSet", name: "nats", namespace: "nats" }),
    object(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } },
      { protect: true, retainOnDelete: true },
    ),
    resource("random:index/randomPassword:RandomPassword", "password", { length: 32 }),
    resource("kubernetes:helm.sh/v3:Release", "keda", { chart: "keda", namespace: "keda" }),
  ),
);

describe("a render read back", () => {
  test.each([
    ["the same program", SHOWN],
    ["another program, so that every file is parsed", graph()],
  ])("given the files of a program and %s today, when read, then they are its resources", async (_, today) => {
    const { graph: former, unreadable } = await formerRender(renderedFiles(SHOWN), today);
    const made = SHOWN.resources.filter(({ custom }) => custom).map(({ parent: _, ...rest }) => rest);
    const byUrn = (a: { urn: string }, b: { urn: string }): number => (a.urn < b.urn ? -1 : 1);
    expect(former.resources.map(({ parent: _, ...rest }) => rest).sort(byUrn)).toEqual(made.sort(byUrn));
    expect(unreadable).toEqual([]);
  });

  test("given files with an unresolved merge or nothing in them, when read, then they are told, and the others are read", async () => {
    const files = new Map(renderedFiles(SHOWN));
    const header = "# urn:pulumi:kind::noetl::kubernetes:core/v1:Service::x\n";
    files.set("nats/service-x.yaml", `${header}<<<<<<< HEAD\nkind: A\n=======\nkind: B\n`);
    files.set("nats/service-y.yaml", header);
    const { graph: former, unreadable } = await formerRender(files, graph());
    expect(former.resources).toHaveLength(5);
    expect(unreadable.map(({ path }) => path)).toEqual(["nats/service-x.yaml", "nats/service-y.yaml"]);
    expect(unreadable[1]?.reason).toBe("it holds no resource");
  });
});
