/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Ask from "./ask";
import type * as Endpoint from "./endpoint";
import type * as Format from "./format";
import type * as OfStack from "./of-stack";

/** Everything behind `noetl-ops query`, loaded when it is needed: no other command shall start slower for it. */
export function loadMonitoring() {
  return {
    ...(require("./ask") as typeof Ask),
    ...(require("./endpoint") as typeof Endpoint),
    ...(require("./format") as typeof Format),
    ...(require("./of-stack") as typeof OfStack),
  };
}
