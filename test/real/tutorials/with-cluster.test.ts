import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { ensureTool } from "../../../tools/find";
import type { Tutorial } from "../../docs/tutorial";
import { writeKubeconfig } from "../engine/kubeconfig";
import { namesOf, platformObjects } from "../engine/live";
import { type PlatformCluster, startPlatformCluster } from "../engine/platform-cluster";
import { projectImpossible } from "../engine/requirements";
import { describeUnless } from "../stacks/requirements";
import { waitFor } from "../support/wait";
import { clone, stepsIn, walk } from "./clone";

/*
 * Pages as a reader goes through them, with kubectl and Pulumi, at a real API server whose pods are ready at once. Not proved
 * here: kind itself, and what runs in the pods.
 */

const KIND = "kind-noetl";

/** A command beside those of a page. */
const ASIDE = { kind: "command", output: "…", needs: undefined } as const;

describeUnless(projectImpossible(), "tutorials with a cluster", () => {
  let platform: PlatformCluster;
  let kubectl: string;
  let tutorial: Tutorial;

  beforeAll(async () => {
    const tool = await ensureTool("kubectl");
    if (!tool.found) throw new Error(tool.reason);
    kubectl = tool.path;
    platform = await startPlatformCluster();
  });

  afterEach(async () => {
    (tutorial as Tutorial | undefined)?.remove();
    // Of a page that failed, so that the next one begins as its reader does.
    const { kube } = platform.cluster;
    for (const name of (await left()).filter((one) => one.startsWith("Namespace ")))
      await kube.remove({ apiVersion: "v1", kind: "Namespace", name: name.replace("Namespace ", "") });
    await waitFor("the platform to be gone", async () => ((await left()).length === 0 ? true : undefined));
  });

  afterAll(async () => {
    await (platform as PlatformCluster | undefined)?.stop();
  });

  /** A clone whose kubectl is about the cluster, as after `kind create cluster`. */
  function cloneWithCluster(): Tutorial {
    const { cluster, engine } = platform;
    const kubeconfig = join(engine.folder, "kubeconfig-kind");
    writeKubeconfig(kubeconfig, cluster.kubeconfigPath, [KIND], KIND);
    const PATH = `${dirname(kubectl)}:${engine.env.PATH ?? ""}`;
    const PULUMI_HOME = join(engine.folder, "home");
    const made = clone({ ...engine.env, PATH, PULUMI_HOME, KUBECONFIG: kubeconfig });
    // `--local` is the home of who runs this, whatever HOME says.
    made.replaced = { "pulumi login --local": `pulumi login file://${made.env.HOME ?? ""}` };
    return made;
  }

  async function left(): Promise<string[]> {
    return namesOf(await platformObjects(platform.cluster.kube));
  }

  it.each(["kind-in-ten-minutes", "rotate-a-secret", "a-supercluster"])("%s, and nothing is left", async (page) => {
    tutorial = cloneWithCluster();

    await walk(tutorial, stepsIn(page));

    expect(await left()).toEqual([]);
  });

  it("adopting-a-live-platform, and nothing is left", async () => {
    tutorial = cloneWithCluster();

    await walk(tutorial, stepsIn("adopting-a-live-platform"));
    await tutorial.do({ ...ASIDE, command: "pulumi destroy --stack kind --yes" });
    await tutorial.do({ ...ASIDE, command: "kubectl delete namespace databases" });

    expect(await left()).toEqual([]);
  });
});
