/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Entry from "../../stacks/config/entry";
import type * as FileText from "../../stacks/config/file-text";
import type * as GivenValue from "../../stacks/config/given-value";
import type * as ParsePath from "../../stacks/config/parse-path";
import type * as WriteFile from "../../stacks/config/write-file";
import type * as YamlText from "../../stacks/config/yaml-text";
import type * as Effective from "./effective";
import type * as Encrypt from "./encrypt";
import type * as Format from "./format";
import type * as Plan from "./plan";

/** Everything behind `noetl-ops config get`, `set` and `unset`, loaded when it is needed: no other command shall start slower for it. */
export function loadSettings() {
  return {
    ...(require("../../stacks/config/entry") as typeof Entry),
    ...(require("../../stacks/config/file-text") as typeof FileText),
    ...(require("../../stacks/config/given-value") as typeof GivenValue),
    ...(require("../../stacks/config/parse-path") as typeof ParsePath),
    ...(require("../../stacks/config/write-file") as typeof WriteFile),
    ...(require("../../stacks/config/yaml-text") as typeof YamlText),
    ...(require("./effective") as typeof Effective),
    ...(require("./encrypt") as typeof Encrypt),
    ...(require("./format") as typeof Format),
    ...(require("./plan") as typeof Plan),
  };
}
