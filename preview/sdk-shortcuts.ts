import { Resource } from "@pulumi/pulumi";
import debuggable = require("@pulumi/pulumi/runtime/debuggable");
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

type JavaScriptObject = Parameters<typeof Struct.fromJavaScript>[0];

/** Static functions of the SDK that are replaced; none of them is part of its types. */
interface Replaceable {
  /** Tracks each promise with a stack trace, to name those that never settle. */
  promises: { debuggablePromise: <T>(promise: Promise<T>) => Promise<T> };
  /** Finds the line of source that made a resource. */
  positions: { callsites: () => unknown[] };
  /** Encodes inputs for the wire. */
  wire: { fromJavaScript: (value: JavaScriptObject) => Struct };
}

/** Inputs on their way to a monitor in the same process: kept as they are instead of encoded and decoded. */
class PlainStruct extends Struct {
  constructor(private readonly value: JavaScriptObject) {
    super();
  }

  override toJavaScript(): JavaScriptObject {
    return this.value;
  }
}

/**
 * Runs `action` with an SDK that does not help to debug a program and does not encode for a wire that is not there: a
 * large stack records four times as fast. The SDK has no setting for either, so its functions are replaced for as long
 * as `action` takes.
 *
 * @param failed gets every error of a promise the SDK tracks; nobody awaits most of them.
 */
export async function withFastSdk<T>(failed: (error: unknown) => void, action: () => Promise<T>): Promise<T> {
  const { promises, positions, wire } = {
    promises: debuggable,
    positions: Resource,
    wire: Struct,
  } as unknown as Replaceable;
  const { debuggablePromise } = promises;
  const { callsites } = positions;
  const { fromJavaScript } = wire;
  const { stackTraceLimit } = Error;
  promises.debuggablePromise = (promise) => {
    promise.catch(failed);
    return promise;
  };
  positions.callsites = () => [];
  wire.fromJavaScript = (value) => new PlainStruct(value);
  Error.stackTraceLimit = 0;
  try {
    return await action();
  } finally {
    promises.debuggablePromise = debuggablePromise;
    positions.callsites = callsites;
    wire.fromJavaScript = fromJavaScript;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
