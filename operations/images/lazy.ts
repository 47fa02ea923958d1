/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Kube from "../cluster/kube";
import type * as DockerConfig from "./docker-config";
import type * as Format from "./format";
import type * as Impact from "./impact";
import type * as Live from "./live";
import type * as Run from "./run";
import type * as Signature from "./signature";
import type * as StackWay from "./stack-way";
import type * as Way from "./way";

/** Everything behind `noetl-ops bump-image`, loaded when it is needed: no other command shall start slower for it. */
export function loadImages() {
  return {
    ...(require("../cluster/kube") as typeof Kube),
    ...(require("./docker-config") as typeof DockerConfig),
    ...(require("./format") as typeof Format),
    ...(require("./live") as typeof Live),
    ...(require("./run") as typeof Run),
    ...(require("./signature") as typeof Signature),
    ...(require("./stack-way") as typeof StackWay),
    ...(require("./way") as typeof Way),
  };
}

/** What a change would do, which renders the stack. */
export function loadImpact(): typeof Impact {
  return require("./impact") as typeof Impact;
}
