import { describe, expect, test } from "@jest/globals";
import { Namespaces } from "../../../components/kubernetes/namespaces";
import { objectNamed, recorded } from "../../support/recorded";

describe("Namespaces", () => {
  test("each enforces the restricted Pod Security level", async () => {
    const graph = await recorded(() => new Namespaces("namespaces", { names: { noetl: "platform" } }));
    expect(objectNamed(graph, "Namespace/noetl").metadata.labels).toMatchObject({
      app: "noetl",
      component: "platform",
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "latest",
    });
  });

  test("finds its own, and takes any other for one that exists", async () => {
    const found: string[][] = [];
    await recorded(() => {
      const namespaces = new Namespaces("namespaces", { names: { noetl: "platform" } });
      found.push(["noetl", "tenants"].map((name) => typeof namespaces.find(name).created));
    });
    expect(found).toEqual([["object", "string"]]);
  });

  test("given a name that was not asked for, says which there are", async () => {
    const graph = recorded(() =>
      new Namespaces("namespaces", { names: { noetl: "platform", nats: "messaging" } }).of("natz"),
    );
    await expect(graph).rejects.toThrow("no namespace 'natz' among noetl, nats");
  });
});
