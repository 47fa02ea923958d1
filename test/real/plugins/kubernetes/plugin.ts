import { type KubeClient, kubeClient } from "../../support/kube";
import { KubeError } from "../../support/kube-http";
import { describeRef, type KubeObject, type ObjectRef, refOf } from "../../support/objects";
import { waitFor } from "../../support/wait";
import { changesOf, isBelow } from "../changes";
import { recordedCloud } from "../recorded";
import { type CreateCall, NotInitialized, type Plugin, type ReadCall } from "../plugin";
import { hasUnknown, isObject, plain, textOf, type Values } from "../values";
import { readCredentials } from "./kubeconfig";
import { driftOf, shownOf } from "./live";
import { untilReady } from "./ready";
import { deletesFirst, immutablePaths, mutableKinds } from "./replaces";

const FIELD_MANAGER = "pulumi";
/** As long as the published plugin waits. */
const LIMIT = 10 * 60_000;
/** Arguments that name the cluster: another one has none of the objects. */
const CLUSTER = ["kubeconfig", "context", "cluster"];

/** Type of a Helm release. */
const RELEASE = "kubernetes:helm.sh/v3:Release";

/**
 * The published plugin, as far as this platform needs it. A Helm release stays in Pulumi's state: its chart comes from a
 * repository that no test asks.
 */
export function kubernetesPlugin(env: Readonly<Record<string, string | undefined>>): Plugin {
  const objects = objectsPlugin(env);
  const releases = recordedCloud();
  const pick = ({ type }: { type: string }): Plugin => (type === RELEASE ? releases : objects);
  return {
    ...objects,
    check: (call) => pick(call).check(call),
    difference: (call) => pick(call).difference(call),
    create: (call) => pick(call).create(call),
    update: (call) => pick(call).update?.(call) ?? Promise.resolve(call.inputs),
    read: (call) => pick(call).read?.(call) ?? Promise.resolve(call),
    delete: (call) => pick(call).delete?.(call) ?? Promise.resolve(),
  };
}

/**
 * Kubernetes objects by server-side apply, just enough of the published plugin for this platform: every object has a
 * name, and an object's outputs are what its inputs name, as the API server keeps it.
 */
function objectsPlugin(env: Readonly<Record<string, string | undefined>>): Plugin {
  let kube: KubeClient | undefined;
  let mutable: ReadonlySet<string> = new Set();
  let force = false;
  const client = (): KubeClient => {
    if (kube === undefined) throw new Error("the plugin is not configured");
    return kube;
  };

  return {
    configure: (args) => {
      kube = kubeClient(readCredentials(plain(args), env));
      mutable = mutableKinds(plain(args));
      force = textOf(plain(args).enablePatchForce) === "true";
    },
    differenceOfArguments: (old, args) => {
      const changes = changesOf(old, args);
      return { changes, replaces: changes.map(({ path }) => path).filter((path) => isBelow(path, CLUSTER)) };
    },
    check: ({ inputs }) => problemsOf(plain(inputs)),
    difference: ({ old, inputs }) => {
      const changes = changesOf(old, inputs);
      const immutable = immutablePaths(plain(old), mutable);
      const replaces = changes.map(({ path }) => path).filter((path) => isBelow(path, immutable));
      return { changes, replaces, deleteFirst: deletesFirst(plain(old), plain(inputs)) };
    },
    create: async (call) => ({
      id: call.preview && hasUnknown(call.inputs) ? "" : idOf(refOfInputs(call.inputs)),
      outputs: await apply(client(), call, force),
    }),
    update: (call) => apply(client(), call, force),
    read: (call) => read(client(), call),
    delete: async ({ inputs, limit = LIMIT, signal }) => {
      const ref = refOfInputs(inputs);
      await removeInForeground(client(), ref);
      const look = async (): Promise<true | undefined> => {
        signal.throwIfAborted();
        return (await client().get(ref)) === undefined ? true : undefined;
      };
      await waitFor(`${describeRef(ref)} to be gone`, look, { limit });
    },
  };
}

async function apply(
  kube: KubeClient,
  { inputs, preview, limit = LIMIT, signal }: CreateCall,
  force: boolean,
): Promise<Values> {
  if (preview) {
    await tryOut(kube, inputs, force);
    return inputs;
  }
  const { object } = await kube.apply(objectOf(inputs), { fieldManager: FIELD_MANAGER, force });
  try {
    return shownOf(await untilReady(kube, object, { limit, signal }), inputs);
  } catch (error) {
    throw new NotInitialized(idOf(refOf(object)), shownOf(object, inputs), (error as Error).message);
  }
}

/** Lets the API server check an object, when it can: not before the object's namespace or kind is there. */
async function tryOut(kube: KubeClient, inputs: Values, force: boolean): Promise<void> {
  if (hasUnknown(inputs)) return;
  try {
    await kube.apply(objectOf(inputs), { fieldManager: FIELD_MANAGER, force, dryRun: true });
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
  }
}

async function read(kube: KubeClient, call: ReadCall): Promise<{ inputs: Values; outputs: Values } | undefined> {
  const isImport = Object.keys(call.inputs).length === 0;
  const object = await kube.get(isImport ? refOfId(call) : refOfInputs(call.inputs));
  if (object === undefined) return undefined;
  if (isImport) {
    const inputs = writtenOf(object);
    return { inputs, outputs: shownOf(object, inputs) };
  }
  const outputs = shownOf(object, call.inputs);
  return { inputs: driftOf(call, outputs), outputs };
}

/** What an import names: only a type and an id. */
function refOfId({ type, id }: ReadCall): ObjectRef {
  const [, version = "", kind = ""] = type.split(":");
  const [name = "", namespace] = id.split("/").reverse();
  return { apiVersion: version.replace(/^core\//, ""), kind, name, namespace };
}

/** A live object as somebody may have written it, with the API server's defaults. */
function writtenOf({ status: _status, ...object }: KubeObject): Values {
  const { name, namespace, labels, annotations } = object.metadata;
  const written = { ...object, metadata: { name, namespace, labels, annotations } };
  // What is not there must not be sent as undefined either.
  return JSON.parse(JSON.stringify(written)) as Values;
}

/** The object goes after everything that it owns. */
async function removeInForeground(kube: KubeClient, ref: ObjectRef): Promise<void> {
  const { apiVersion, kind, namespace } = ref;
  const { name, namespaced } = await kube.resourceOf(apiVersion, kind);
  const scope = namespaced ? `/namespaces/${namespace ?? "default"}` : "";
  const path = `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}${scope}/${name}/${ref.name}`;
  try {
    await kube.send(path, { method: "DELETE", query: { propagationPolicy: "Foreground" } });
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
  }
}

function problemsOf({ apiVersion, kind, metadata }: Values): string[] {
  const named = isObject(metadata) && typeof metadata.name === "string";
  return [
    ...(typeof apiVersion === "string" && typeof kind === "string" ? [] : ["apiVersion and kind are missing"]),
    ...(named ? [] : ["metadata.name is missing: the test's plugin makes up no names"]),
  ];
}

function objectOf(inputs: Values): KubeObject {
  return plain(inputs) as unknown as KubeObject;
}

function refOfInputs(inputs: Values): ObjectRef {
  return refOf(objectOf(inputs));
}

function idOf({ namespace, name }: ObjectRef): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
