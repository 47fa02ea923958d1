"use strict";

/** To Jest a package's file is this line: Node loads the package, once a worker, with all that it needs (environment.cjs). */
module.exports = {
  process: () => ({ code: "module.exports = requirePackage(__filename);" }),
  getCacheKey: () => "1",
};
