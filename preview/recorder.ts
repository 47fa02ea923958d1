import * as pulumi from "@pulumi/pulumi";
import { CallResponse, InvokeResponse, type InvokeRequest } from "@pulumi/pulumi/proto/provider_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { formerUrns, urnOf } from "./aliases";
import { fingerprintOf } from "./fingerprints";
import { generatedState } from "./generated-state";
import type { Json, Resource, ResourceGraph } from "./graph";
import { withFastSdk } from "./sdk-shortcuts";
import { secretFingerprints, withoutSecrets } from "./secrets";

/** A program to record. */
export interface Recording {
  project: string;
  stack: string;
  /** Builds the resources; what it returns becomes the stack's outputs. */
  program: () => pulumi.Inputs;
  /** Of {@link fingerprintKey}, where this run is compared with another: its secrets get fingerprints. */
  secretKey?: Buffer | undefined;
}

/**
 * Runs a Pulumi program without an engine and keeps everything it registers. Nothing is created; no network, plugin or
 * credential is used. Values that only a real update would know (random passwords) get a placeholder, so that
 * everything computed from them is computed; secrets never reach the graph.
 *
 * Recordings share the SDK's global state: run one at a time.
 *
 * @throws what the program throws; an Error when the program looks something up, since an offline answer would be
 * invented.
 */
export async function record({ project, stack, program, secretKey }: Recording): Promise<ResourceGraph> {
  const monitor = new RecordingMonitor(project, stack, secretKey);
  // An error inside `apply` surfaces only as a rejection that nobody awaits.
  const fail = (error: unknown) => monitor.failures.push(error);
  process.on("unhandledRejection", fail);
  try {
    await withFastSdk(fail, () => run(monitor, project, stack, program));
  } finally {
    process.off("unhandledRejection", fail);
  }
  if (monitor.failures.length > 0) throw monitor.failures[0];
  return { project, stack, resources: monitor.resources };
}

async function run(monitor: RecordingMonitor, project: string, stack: string, program: Recording["program"]) {
  setMockOptions(monitor, project, stack, false);
  Object.assign(getStore(), FEATURES);
  await pulumi.runtime.runInPulumiStack(() => {
    pulumi.runtime.registerStackTransformation(withoutTypeAliases);
    try {
      return Promise.resolve(program());
    } catch (error) {
      monitor.failures.push(error);
      return Promise.resolve({});
    }
  });
  await pulumi.runtime.disconnect();
  // Rejections are reported between two turns of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Every Kubernetes resource declares the older API versions of its type as aliases, and the SDK computes a URN for each:
 * a third of all work. They only matter for state that an old program left.
 */
const withoutTypeAliases: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  if (!type.startsWith("kubernetes:")) return undefined;
  const aliases = opts.aliases?.filter((alias) => !isTypeAlias(alias));
  return { props: props, opts: { ...opts, aliases: aliases ?? [] } };
};

function isTypeAlias(alias: pulumi.Input<pulumi.URN | pulumi.Alias>): boolean {
  return typeof alias === "object" && "type" in alias && Object.keys(alias).length === 1;
}

/** The SDK's global state; its accessor is not part of the SDK's types. */
function getStore(): object {
  return (state as unknown as { getStore(): object }).getStore();
}

/** What the recorder can do of the things the SDK asks an engine for. */
const FEATURES = {
  supportsSecrets: true,
  supportsResourceReferences: true,
  supportsDeletedWith: true,
  supportsReplaceWith: true,
  supportsAliasSpecs: true,
};

type Callback<T> = (error: Error | null, response?: T) => void;

/** What the SDK reads of the engine's answer to a registration. A real protobuf message costs more than all the rest. */
interface Registered {
  getUrn(): string;
  getId(): string;
  getObject(): Struct | undefined;
  getPropertydependenciesMap(): undefined;
  getResult(): number;
}

/** Stands where the engine's resource monitor would: takes every registration and answers it at once. */
class RecordingMonitor {
  readonly resources: Resource[] = [];
  /** What went wrong. The SDK is answered all the same: it would crash the process over a failed registration. */
  readonly failures: unknown[] = [];
  /** Former URNs of resources, by their URNs. */
  readonly #aliases = new Map<string, readonly string[]>();

  constructor(
    private readonly project: string,
    private readonly stack: string,
    private readonly secretKey: Buffer | undefined,
  ) {}

  registerResource(request: proto.RegisterResourceRequest, respond: Callback<Registered>): void {
    const type = request.getType();
    const name = request.getName();
    const parent = request.getParent();
    const identity = { parent, type, name, stack: this.stack, project: this.project };
    const urn = urnOf(identity);
    const aliases = formerUrns({ ...identity, aliases: request.getAliasesList() }, this.#aliases.get(parent) ?? []);
    if (aliases.length > 0) this.#aliases.set(urn, aliases);
    const inputs = (request.getObject()?.toJavaScript() ?? {}) as Record<string, Json>;
    this.resources.push({
      urn,
      type,
      name,
      ...(parent !== "" && { parent }),
      ...(aliases.length > 0 && { aliases }),
      dependencies: dependenciesOf(request),
      custom: request.getCustom(),
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      inputs: withoutSecrets(inputs),
      ...(this.secretKey && this.fingerprints(inputs, this.secretKey)),
    });
    const state = generatedState(type, inputs);
    respond(null, {
      getUrn: () => urn,
      getId: () => (request.getCustom() ? `${name}-id` : ""),
      getObject: () => (state ? Struct.fromJavaScript(state) : request.getObject()),
      getPropertydependenciesMap: () => undefined,
      getResult: () => proto.Result.SUCCESS,
    });
  }

  registerResourceOutputs(_request: unknown, respond: Callback<unknown>): void {
    respond(null, {});
  }

  readResource(request: proto.ReadResourceRequest, respond: Callback<proto.ReadResourceResponse>): void {
    this.failures.push(
      new Error(`an offline preview cannot read the existing ${request.getType()} '${request.getName()}'`),
    );
    respond(null, new proto.ReadResourceResponse());
  }

  invoke(request: InvokeRequest, respond: Callback<InvokeResponse>): void {
    this.failures.push(new Error(`an offline preview cannot answer the call ${request.getTok()}`));
    respond(null, new InvokeResponse());
  }

  call(request: { getTok(): string }, respond: Callback<CallResponse>): void {
    this.failures.push(new Error(`an offline preview cannot answer the call ${request.getTok()}`));
    respond(null, new CallResponse());
  }

  supportsFeature(request: proto.SupportsFeatureRequest, respond: Callback<{ getHassupport(): boolean }>): void {
    // Output values would put nested objects into the inputs that say "an output", which no manifest wants to show.
    respond(null, { getHassupport: () => request.getId() !== "outputValues" });
  }

  private fingerprints(inputs: Record<string, Json>, key: Buffer): Pick<Resource, "fingerprints"> {
    const fingerprints = secretFingerprints(inputs, (value) => fingerprintOf(key, value));
    return Object.keys(fingerprints).length > 0 ? { fingerprints } : {};
  }
}

function dependenciesOf(request: proto.RegisterResourceRequest): string[] {
  return [...new Set(request.getDependenciesList())].sort();
}
