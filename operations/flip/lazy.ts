/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Edit from "../../stacks/config/edit";
import type * as FileText from "../../stacks/config/file-text";
import type * as WriteFile from "../../stacks/config/write-file";
import type * as Endpoint from "../monitoring/endpoint";
import type * as OfStack from "../monitoring/of-stack";
import type * as Conditions from "./conditions";
import type * as Format from "./format";
import type * as Plan from "../settings/plan";
import type * as Proof from "./pager-proof";
import type * as Steps from "./steps";

/** Everything behind `noetl-ops flip`, loaded when it is needed: no other command shall start slower for it. */
export function loadFlip() {
  return {
    ...(require("../../stacks/config/edit") as typeof Edit),
    ...(require("../../stacks/config/file-text") as typeof FileText),
    ...(require("../../stacks/config/write-file") as typeof WriteFile),
    ...(require("../monitoring/endpoint") as typeof Endpoint),
    ...(require("../monitoring/of-stack") as typeof OfStack),
    ...(require("./conditions") as typeof Conditions),
    ...(require("./format") as typeof Format),
    ...(require("../settings/plan") as typeof Plan),
    ...(require("./pager-proof") as typeof Proof),
    ...(require("./steps") as typeof Steps),
  };
}
