/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Catalog from "./catalog";
import type * as Choose from "./choose";
import type * as Engine from "./engine";
import type * as Format from "./format";
import type * as Junit from "./junit";
import type * as Live from "./live";
import type * as Markdown from "./markdown";
import type * as Platform from "./platform";
import type * as Report from "./report";
import type * as Settings from "./settings";

/** Everything behind `noetl-ops verify`, loaded when it is needed: no other command shall start slower for it. */
export function loadRigs() {
  return {
    ...(require("./catalog") as typeof Catalog),
    ...(require("./choose") as typeof Choose),
    ...(require("./engine") as typeof Engine),
    ...(require("./format") as typeof Format),
    ...(require("./junit") as typeof Junit),
    ...(require("./live") as typeof Live),
    ...(require("./markdown") as typeof Markdown),
    ...(require("./platform") as typeof Platform),
    ...(require("./report") as typeof Report),
    ...(require("./settings") as typeof Settings),
  };
}
