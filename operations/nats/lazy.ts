/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as FormatStatus from "./format-status";
import type * as Live from "./live";
import type * as Plan from "./plan";
import type * as Picture from "./topology-picture";
import type * as Text from "./topology-text";

/** Everything behind `noetl-ops nats`, loaded when it is needed: no other command shall start slower for it. */
export function loadNatsOperations() {
  return {
    ...(require("./format-status") as typeof FormatStatus),
    ...(require("./live") as typeof Live),
    ...(require("./plan") as typeof Plan),
    ...(require("./topology-picture") as typeof Picture),
    ...(require("./topology-text") as typeof Text),
  };
}
