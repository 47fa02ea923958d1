import type { JsonObject } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { ImpactReport } from "../../preview/impact/report";
import type { StackSettings } from "../../stacks/config/stack-file";
import type { PlatformConfig } from "../../stacks/schema";
import { bump, isTouched, type Outcome } from "./bump";
import { type Component, componentsOf, NAMESPACE, selectComponents } from "./components";
import { type BumpReport, imageReport } from "./format";
import { formatRight, type LiveNamespace, type Right } from "./live";
import { assertPlatforms, assign, type Assignment, type Change, changeOf } from "./plan";
import type { ProbeWorld } from "./probe";
import type { RegistryOptions } from "./registry";
import { imageOf } from "./rollout";
import { parseTarget } from "./target";
import { type VerifiedImage, type Verification, verifyImage } from "./verify";
import type { RolloutWorld } from "./watch";
import type { Way } from "./way";

/** What somebody asks for. */
export interface BumpRequest {
  /** Images to move to. */
  images: readonly string[];
  /** Components that are meant; none for those that run an image of the same repository. */
  deployments: readonly string[];
  /** Whether every component is meant, whatever it runs. */
  all: boolean;
  namespace: string;
  verification: Verification;
  waitSeconds: number;
  rollback: boolean;
  dryRun: boolean;
}

/** What a run needs of the world. */
export interface Surroundings extends ProbeWorld, Omit<RolloutWorld, "live"> {
  /** Opens the cluster; called when nothing in the request itself is wrong. */
  connect: () => LiveNamespace;
  registry: RegistryOptions;
  /** How images come to run. */
  way: (live: LiveNamespace) => Way;
  /** What an update would do to pods; asked in a dry run. */
  impact: (changes: readonly Change[]) => Promise<ImpactReport>;
}

/**
 * Moves the components of a stack to images: everything is looked at before anything is changed.
 *
 * @throws UserError when something speaks against it; nothing has been changed then
 */
export async function runBump(
  request: BumpRequest,
  { stack, config }: Pick<StackSettings, "stack" | "config">,
  around: Surroundings,
): Promise<BumpReport> {
  const { targets, components } = readRequest(request, config);
  const live = around.connect();
  const way = around.way(live);
  const notes: string[] = [];
  const wishes = await assertRights(components, request, live);
  const [workloads, nodes] = await Promise.all([
    Promise.all(components.map((component) => live.workload(component))),
    wishes.has(NODES) ? live.nodes() : undefined,
  ]);
  if (nodes === undefined) notes.push("the platforms of the nodes were not looked at: no right to list nodes");
  if (!wishes.has(LOGS)) notes.push("logs of pods that crash cannot be shown: no right to get pods/log");
  const found = await Promise.all(
    components.map(async (component, index) => {
      const workload = workloads[index];
      return { component, workload, running: await runningOf(component, workload, live) };
    }),
  );
  assertThere(found, request);
  const assigned = assign(found, targets, request.all || request.deployments.length > 0);
  const verified = new Map<string, VerifiedImage>();
  for (const target of targets) {
    verified.set(target.repository, await verifyImage(target, request.verification, around.registry, around));
  }
  const changes = assigned.map((entry) => {
    const image = imageFor(entry, verified);
    const change = changeOf(entry, image);
    if (change.action === "set" && image !== undefined) assertPlatforms(entry, image, nodes ?? []);
    return change;
  });
  const head = {
    stack,
    context: config.cluster.context,
    namespace: request.namespace,
    way: way.name,
    dryRun: request.dryRun,
    images: [...verified.values()].map(imageReport),
    notes,
  };
  if (request.dryRun) {
    return { ...head, components: changes.map(planned), impact: await around.impact(changes) };
  }
  if (changes.some(isTouched)) await way.prepare();
  const local = new Set(
    [...verified.values()].filter(({ digest }) => digest === undefined).map((image) => image.reference),
  );
  const options = { ...request, context: config.cluster.context, isLocal: (image: string) => local.has(image) };
  return { ...head, components: await bump(changes, options, { ...around, live, way }) };
}

/** What somebody asks for, understood. @throws UserError with all that is wrong in itself */
function readRequest({ images, namespace, deployments }: BumpRequest, config: PlatformConfig) {
  const problems: string[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const targets = images.flatMap((image) => attempt(() => parseTarget(image)) ?? []);
  const repositories = targets.map(({ repository }) => repository);
  for (const twice of new Set(repositories.filter((one, index) => repositories.indexOf(one) < index))) {
    problems.push(`--image: ${twice} is given twice\nnext: name one tag of it`);
  }
  if (namespace !== NAMESPACE) {
    problems.push(`--namespace: this stack's components are in namespace ${NAMESPACE}, not in ${namespace}`);
  }
  const components = attempt(() => selectComponents(componentsOf(config), deployments)) ?? [];
  if (problems.length > 0) throw new UserError(`${problems.join("\n")}\nnothing was changed`);
  return { targets, components };
}

async function runningOf(component: Component, workload: JsonObject | undefined, live: LiveNamespace) {
  const image = workload && imageOf(workload, component);
  if (workload === undefined || image === undefined) return [];
  const pods = await live.pods(workload, component.container);
  return pods.flatMap((pod) => (pod.image === image ? (pod.digest ?? []) : []));
}

function imageFor({ target }: Assignment, verified: ReadonlyMap<string, VerifiedImage>): VerifiedImage | undefined {
  return target === undefined ? undefined : verified.get(target.repository);
}

/** Who names a component wants it moved, and not left out because it is not there. */
function assertThere(
  found: readonly { component: Component; workload: JsonObject | undefined }[],
  request: BumpRequest,
) {
  const absent = found.find(({ workload }) => workload === undefined);
  const isNamed = request.deployments.length > 0 && absent !== undefined;
  if (!isNamed && found.some(({ workload }) => workload !== undefined)) return;
  const { kind = "", name = "" } = absent?.component ?? {};
  const what = isNamed ? `has no ${kind} ${name}` : "has none of the stack's components";
  throw new UserError(
    `namespace ${request.namespace} ${what}, and nothing was changed\nnext: deploy the stack first: pulumi up`,
  );
}

/** Rights that are good to have, but nothing depends on them. */
const NODES: Right = { verb: "list", group: "", resource: "nodes" };
const LOGS: Right = { verb: "get", group: "", resource: "pods", subresource: "log" };

/** @returns those of {@link NODES} and {@link LOGS} that there are */
async function assertRights(components: readonly Component[], request: BumpRequest, live: LiveNamespace) {
  const kinds = [...new Set(components.map(({ kind }) => `${kind.toLowerCase()}s`))];
  const mustDelete = request.rollback && kinds.includes("statefulsets");
  const verbs: Right["verb"][] = request.dryRun ? ["get"] : ["get", "patch"];
  const needed: Right[] = [
    ...kinds.flatMap((resource) => verbs.map((verb): Right => ({ verb, group: "apps", resource }))),
    { verb: "list", group: "", resource: "pods" },
    ...(mustDelete && !request.dryRun ? [{ verb: "delete", group: "", resource: "pods" } satisfies Right] : []),
  ];
  const wished = [NODES, LOGS];
  const missing = await live.missing([...needed, ...wished]);
  const rights = missing.filter((right) => !wished.includes(right));
  if (rights.length === 0) return new Set(wished.filter((right) => !missing.includes(right)));
  const names = rights.map((right) => formatRight(right, live.namespace));
  throw new UserError(
    `rights are missing in the cluster, and nothing was changed: ${names.join(", ")}\nnext: ask for them, or use another user of the kubeconfig`,
  );
}

/** What a run would report if all went well. */
function planned({ component: { name, kind }, action, old, image, reason }: Change): Outcome {
  const result = action === "set" ? "changed" : action === "skip" ? "skipped" : "unchanged";
  const why =
    action === "wait" ? "not all of its pods run it yet" : reason?.replace("it is in line now", "it would be");
  return {
    component: name,
    kind,
    result,
    ...(old !== undefined && { old }),
    new: image,
    ...(why !== undefined && { reason: why }),
    next: [],
  };
}
