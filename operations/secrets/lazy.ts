/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as FileText from "../../stacks/config/file-text";
import type * as WriteFile from "../../stacks/config/write-file";
import type * as Format from "./format";
import type * as Inventory from "./inventory";
import type * as Rotate from "./rotate";

/** Everything behind `noetl-ops secrets`, loaded when it is needed: no other command shall start slower for it. */
export function loadSecretsOperations() {
  return {
    ...(require("../../stacks/config/file-text") as typeof FileText),
    ...(require("../../stacks/config/write-file") as typeof WriteFile),
    ...(require("./format") as typeof Format),
    ...(require("./inventory") as typeof Inventory),
    ...(require("./rotate") as typeof Rotate),
  };
}
