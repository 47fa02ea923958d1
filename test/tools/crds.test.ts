import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CRD_PROJECTS } from "../../tools/catalog";
import { findCrds } from "../../tools/crds";
import { type Sandbox, sandbox } from "./support/sandbox";

let box: Sandbox;
let shared: string;

beforeEach(() => {
  box = sandbox();
  shared = join(box.folder, "shared");
  mkdirSync(shared);
});

afterEach(() => {
  box.remove();
});

function crd(group: string, kind: string): string {
  return `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${kind.toLowerCase()}s.${group} }
spec: { group: ${group}, names: { kind: ${kind}, plural: ${kind.toLowerCase()}s }, versions: [] }
`;
}

describe("findCrds", () => {
  test("given all definitions beside the repository, takes them by group and misses nothing", async () => {
    const groups = CRD_PROJECTS.flatMap((project) => project.groups);
    writeFileSync(join(shared, "all.yaml"), groups.map((group) => crd(group, "Thing")).join(""));
    writeFileSync(join(shared, "more.yaml"), `# a comment\n${crd("keda.sh", "Other")}---\nkind: Namespace\n`);
    writeFileSync(join(shared, "README.md"), "not read");

    const found = await findCrds(box.env, shared);

    expect(found.missing).toStrictEqual([]);
    expect(Object.keys(found.groups).sort()).toStrictEqual([...groups].sort());
    expect(found.groups["keda.sh"]?.map(({ metadata }) => metadata.name)).toStrictEqual([
      "things.keda.sh",
      "others.keda.sh",
    ]);
  });

  test("given NOETL_CRD_DIR too, it comes first, project by project", async () => {
    const named = join(box.folder, "named");
    mkdirSync(named);
    writeFileSync(join(named, "keda.yml"), crd("keda.sh", "Named"));
    writeFileSync(join(shared, "both.yaml"), crd("keda.sh", "Shared") + crd("jetstream.nats.io", "Shared"));

    const { groups } = await findCrds({ ...box.env, NOETL_CRD_DIR: named }, shared);

    expect(groups["keda.sh"]?.map(({ spec }) => spec.names.kind)).toStrictEqual(["Named"]);
    expect(groups["jetstream.nats.io"]?.map(({ spec }) => spec.names.kind)).toStrictEqual(["Shared"]);
  });

  test("given no folder and no Go, says for each project why there are none", async () => {
    const { groups, missing } = await findCrds(box.env, join(box.folder, "none"));

    const noGo = "no Go toolchain on PATH (https://go.dev/dl, 1.26 or newer)";
    const noModule = "no Go module carries them; name a folder that does in NOETL_CRD_DIR";
    // Only what is the tests' own.
    expect(Object.keys(groups)).toStrictEqual(["secret-sync.gke.io", "networking.gke.io", "cloud.google.com"]);
    expect(missing).toStrictEqual([
      { project: "KEDA", groups: ["keda.sh"], reason: noGo },
      { project: "cert-manager", groups: ["cert-manager.io", "acme.cert-manager.io"], reason: noGo },
      { project: "Prometheus Operator", groups: ["monitoring.coreos.com"], reason: noGo },
      { project: "Google Managed Prometheus", groups: ["monitoring.googleapis.com"], reason: noModule },
      { project: "Secrets Store CSI driver", groups: ["secrets-store.csi.x-k8s.io"], reason: noGo },
      { project: "External Secrets Operator", groups: ["external-secrets.io"], reason: noGo },
      { project: "NACK (JetStream)", groups: ["jetstream.nats.io"], reason: noGo },
    ]);
  });

  test("given no folder, takes them from the Go modules", async () => {
    const bases = join(box.folder, "module/config/crd/bases");
    mkdirSync(bases, { recursive: true });
    writeFileSync(join(bases, "keda.yaml"), crd("keda.sh", "FromModule"));
    for (const other of ["deploy/crds", "config/crds/bases", "example/prometheus-operator-crd"]) {
      mkdirSync(join(box.folder, "module", other), { recursive: true });
    }
    box.command("go", `echo '{"Dir": "${box.folder}/module", "GoMod": ""}'`);

    const { groups } = await findCrds(box.env, join(box.folder, "none"));

    expect(groups["keda.sh"]?.map(({ spec }) => spec.names.kind)).toStrictEqual(["FromModule"]);
  });

  test("given a NOETL_CRD_DIR that is no folder, says so", async () => {
    await expect(findCrds({ ...box.env, NOETL_CRD_DIR: "/no/such" }, shared)).rejects.toThrow(
      "NOETL_CRD_DIR names /no/such, which is not a folder",
    );
  });
});
