/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as FileText from "../stacks/config/file-text";
import type * as StackFile from "../stacks/config/stack-file";
import type * as Impact from "./impact";
import type * as PlatformMap from "./map";
import type * as Picture from "./picture";
import type * as Render from "./render";

/** The Pulumi SDK and the program: most of a start, and help or a usage error needs none of it. */
export function loadRender(): typeof Render {
  return require("./render") as typeof Render;
}

/** The reader of stack files, with zod and yaml behind it. */
export function loadStackFile(): typeof StackFile {
  return require("../stacks/config/stack-file") as typeof StackFile;
}

/** The reader of the texts of stack files. */
export function loadFileText(): typeof FileText {
  return require("../stacks/config/file-text") as typeof FileText;
}

/** The picture of a preview. */
export function loadPicture(): typeof Picture {
  return require("./picture") as typeof Picture;
}

/** The map of a platform, with the library that lays it out. */
export function loadMap(): typeof PlatformMap {
  return require("./map") as typeof PlatformMap;
}

/** What a change does, with all that is known of Kubernetes' fields. */
export function loadImpact(): typeof Impact {
  return require("./impact") as typeof Impact;
}
