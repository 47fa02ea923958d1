/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Kube from "../cluster/kube";
import type * as Drift from "./diff-live";

/** Everything behind `noetl-ops diff --live`, loaded when it is needed: no other command shall start slower for it. */
export function loadDrift() {
  return {
    ...(require("../cluster/kube") as typeof Kube),
    ...(require("./diff-live") as typeof Drift),
  };
}
