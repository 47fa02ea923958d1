import type { KubeObject } from "../support/objects";
import { isWorkload } from "./workloads";

interface Managed {
  managedFields: { subresource?: string }[];
}

/**
 * An object without what its controllers tell of it: its status, who wrote that, and, where there is a controller, the
 * version, which any such report changes. All else changes only when somebody applies something else.
 */
export function unchanging(object: KubeObject): object {
  const { status: _status, ...rest } = object;
  const { resourceVersion, managedFields, ...metadata } = object.metadata as KubeObject["metadata"] & Managed;
  return {
    ...rest,
    metadata: {
      ...metadata,
      managedFields: managedFields.filter(({ subresource }) => subresource === undefined),
      ...(!hasController(object) && { resourceVersion }),
    },
  };
}

function hasController(object: KubeObject): boolean {
  return isWorkload(object) || object.status !== undefined;
}
