import { describe, expect, test } from "@jest/globals";
import type { Json, ResourceGraph } from "../../../preview/graph";
import { linksOf } from "../../../preview/map/links";
import { component, configMap, env, graph, object, workload, type Node } from "../support";

const secret = (name: string): Node =>
  object({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "noetl" } });
const of = (kind: string, name: string, fields: Record<string, Json> = {}, namespace = "noetl"): Node =>
  object({ apiVersion: "v1", kind, metadata: { name, namespace }, ...fields });

/** Links as `FROM reason TO`, by the names of the resources. */
const told = (shown: ResourceGraph): string[] =>
  linksOf(shown).map(({ from, to, reason }) => `${name(from)} ${reason} ${name(to)}`);
const name = (urn: string): string => urn.slice(urn.lastIndexOf(":") + 1);

describe("what needs what", () => {
  test.each<[string, Record<string, Json>, Node, string]>([
    ["an env from a Secret", { env: env({ A: { secretKeyRef: { name: "s", key: "k" } } }) }, secret("s"), "reads"],
    ["all of a Secret", { envFrom: [{ secretRef: { name: "s" } }] }, secret("s"), "reads"],
    ["a ConfigMap", { envFrom: [{ configMapRef: { name: "s" } }] }, configMap("s", {}, "noetl"), "reads"],
    ["the address of a Service", { args: ["nats://a:b@s.noetl.svc.cluster.local:4222"] }, of("Service", "s"), "calls"],
  ])("given a container with %s, links it", (_, container, target, reason) => {
    expect(told(graph(target, workload({ container })))).toEqual([`app ${reason} s`]);
  });

  test.each<[string, Record<string, Json>, Node, string]>([
    ["a volume of a Secret", { volumes: [{ name: "v", secret: { secretName: "s" } }] }, secret("s"), "reads"],
    [
      "a volume of a ConfigMap",
      { volumes: [{ name: "v", configMap: { name: "s" } }] },
      configMap("s", {}, "noetl"),
      "reads",
    ],
    [
      "a projected volume",
      { volumes: [{ name: "v", projected: { sources: [{ secret: { name: "s" } }] } }] },
      secret("s"),
      "reads",
    ],
    [
      "a claim",
      { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "s" } }] },
      of("PersistentVolumeClaim", "s"),
      "mounts",
    ],
    ["an account", { serviceAccountName: "s" }, of("ServiceAccount", "s"), "runs as"],
    ["credentials of a registry", { imagePullSecrets: [{ name: "s" }] }, secret("s"), "reads"],
  ])("given a pod with %s, links it", (_, podSpec, target, reason) => {
    expect(told(graph(target, workload({ podSpec })))).toEqual([`app ${reason} s`]);
  });

  test("given selectors, links what they select in their namespace, and an empty one everything there", () => {
    const shown = graph(
      workload({ name: "a" }),
      workload({ name: "b", namespace: "other" }),
      of("Service", "to-a", { spec: { selector: { app: "a" } } }),
      of("Service", "to-none", { spec: { selector: { app: "b" } } }),
      of("Service", "by-hand", { spec: {} }),
      of("NetworkPolicy", "all", { spec: { podSelector: {} } }, "other"),
      of("PodDisruptionBudget", "budget", { spec: { selector: { matchLabels: { app: "a" } } } }),
    );
    expect(told(shown)).toEqual(["to-a selects a", "all selects b", "budget selects a"]);
  });

  test("given roles and scalers, links both ends of a binding, and what is scaled by its kind", () => {
    const shown = graph(
      of("Role", "reader"),
      of("ServiceAccount", "account"),
      of("RoleBinding", "binding", {
        roleRef: { kind: "Role", name: "reader" },
        subjects: [
          { kind: "ServiceAccount", name: "account" },
          { kind: "User", name: "reader" },
        ],
      }),
      workload({ name: "pool" }),
      of("ScaledObject", "scaler", { spec: { scaleTargetRef: { kind: "Deployment", name: "pool" } } }),
    );
    expect(told(shown)).toEqual(["binding grants reader", "binding grants account", "scaler scales pool"]);
  });

  test("given what Pulumi waits for, links it where nothing more telling does, but not what is not there", () => {
    const shown = graph(
      component("noetl:a:A", "a", configMap("c", {}, "noetl")),
      workload({
        container: { envFrom: [{ configMapRef: { name: "c" } }, { configMapRef: { name: "elsewhere" } }] },
      }),
    );
    const [, a, c, app] = shown.resources;
    if (!a || !c || !app) throw new Error("the graph has three resources");
    app.dependencies = [a.urn, c.urn, app.urn, "urn:pulumi:kind::noetl::pulumi:providers:kubernetes::x"];
    expect(told(shown)).toEqual(["app reads c", "app waits for a"]);
  });
});
