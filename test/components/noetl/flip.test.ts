import { expect, test } from "@jest/globals";
import { writePath } from "../../../components/noetl/flip";

test.each([
  ["off", false, "server", false],
  ["shadow", false, "server", true],
  ["on", true, "offserver", true],
] as const)(
  "given flip %s, the server publishes only: %s, state is built by the %s, the materializer runs: %s",
  (flip, publishOnly, stateBuilder, materializer) => {
    expect(writePath(flip)).toEqual({ publishOnly, stateBuilder, materializer });
  },
);
