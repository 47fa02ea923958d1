/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Diff from "./diff";
import type * as Json from "./format-json";
import type * as Markdown from "./format-markdown";
import type * as Text from "./format-text";
import type * as Git from "./git";
import type * as Output from "./output";
import type * as Sides from "./sides";
import type * as Sources from "./sources";

/** Everything behind `noetl-ops diff`, loaded when it is needed: no other command shall start slower for it. */
export function loadDiff() {
  return {
    ...(require("./diff") as typeof Diff),
    ...(require("./format-json") as typeof Json),
    ...(require("./format-markdown") as typeof Markdown),
    ...(require("./format-text") as typeof Text),
    ...(require("./git") as typeof Git),
    ...(require("./output") as typeof Output),
    ...(require("./sides") as typeof Sides),
    ...(require("./sources") as typeof Sources),
  };
}
