import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { renderedFiles } from "../../preview/manifests";
import { UserError } from "../../stacks/errors";
import { component, configMap, graph, object, resource } from "./support";

describe("rendered files", () => {
  test("given objects, a component and a provider, when rendered, then there is one file for each object, sorted by path", () => {
    const files = renderedFiles(
      graph(
        resource("pulumi:providers:kubernetes", "kind", { context: "kind-noetl" }),
        component("noetl:nats:Nats", "nats", configMap("nats-config", { "nats.conf": "port: 4222\n" })),
        object({ apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } }),
      ),
    );
    expect([...files]).toEqual([
      [
        "cluster/namespace-nats.yaml",
        "# urn:pulumi:kind::noetl::kubernetes:core/v1:Namespace::nats\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: nats\n",
      ],
      [
        "nats/configmap-nats-config.yaml",
        `# urn:pulumi:kind::noetl::noetl:nats:Nats$kubernetes:core/v1:ConfigMap::nats-config
apiVersion: v1
kind: ConfigMap
metadata:
  name: nats-config
  namespace: nats
data:
  nats.conf: |
    port: 4222
`,
      ],
    ]);
  });

  test("given resources of other providers, when rendered, then type, name and inputs stand in a folder of the provider", () => {
    const files = renderedFiles(
      graph(
        resource("random:index/randomPassword:RandomPassword", "nats-password", { length: 32 }),
        resource("gcp:sql/databaseInstance:DatabaseInstance", "noetl", {}),
      ),
    );
    expect([...files.keys()]).toEqual([
      "gcp/sql-databaseinstance-noetl.yaml",
      "random/randompassword-nats-password.yaml",
    ]);
    expect(parse(files.get("random/randompassword-nats-password.yaml") ?? "")).toEqual({
      type: "random:index/randomPassword:RandomPassword",
      name: "nats-password",
      inputs: { length: 32 },
    });
  });

  test("given a protected resource that Pulumi would leave behind, when rendered, then the head of the file says both", () => {
    const node = object(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } },
      { protect: true, retainOnDelete: true },
    );
    expect(renderedFiles(graph(node)).get("cluster/namespace-nats.yaml")?.split("\n").slice(0, 4)).toEqual([
      "# urn:pulumi:kind::noetl::kubernetes:core/v1:Namespace::nats",
      "# protect: true",
      "# retainOnDelete: true",
      "apiVersion: v1",
    ]);
  });

  test("given a name that is unsafe in a path, when rendered, then its file name is escaped and its manifest is not", () => {
    const node = object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "system:../reader" },
    });
    const files = renderedFiles(graph(node));
    expect([...files.keys()]).toEqual(["cluster/clusterrole-system_.._reader.yaml"]);
    expect(parse([...files.values()][0] ?? "")).toMatchObject({ metadata: { name: "system:../reader" } });
  });

  test.each(["config", "Config"])(
    "given two objects 'config' and '%s' of one kind and namespace, when rendered, then it is refused",
    (name) => {
      const twice = graph(
        component("a:b:C", "one", configMap("config", {})),
        component("a:b:C", "two", configMap(name, {})),
      );
      expect(() => renderedFiles(twice)).toThrow(UserError);
      expect(() => renderedFiles(twice)).toThrow(
        /two resources are the same object \(nats\/configmap-.onfig\.yaml\): .*::config and /,
      );
    },
  );
});
