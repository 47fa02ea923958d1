/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Kube from "../cluster/kube";
import type * as Adoption from "../../stacks/adoption";
import type * as Adopt from "./adopt";
import type * as Format from "./format";

/** Everything behind `noetl-ops adopt`, loaded when it is needed: no other command shall start slower for it. */
export function loadAdopt() {
  return {
    ...(require("./adopt") as typeof Adopt),
    ...(require("./format") as typeof Format),
    ...(require("../cluster/kube") as typeof Kube),
    ...(require("../../stacks/adoption") as typeof Adoption),
  };
}
