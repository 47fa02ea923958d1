import { jest } from "@jest/globals";
import { main } from "../../cli/main";
import type { Ended } from "./support";

/**
 * Runs `noetl-ops ARGS` in this process, which is several times faster than in one of its own: for what that adds nothing
 * to. Runs must follow one another.
 */
export async function inThisProcess(args: readonly string[]): Promise<Ended> {
  const { stdout, stderr, exitCode } = process;
  const texts = { stdout: "", stderr: "" };
  const spies = (
    [
      [stdout, "stdout"],
      [stderr, "stderr"],
    ] as const
  ).map(([stream, name]) =>
    jest.spyOn(stream, "write").mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  process.exitCode = undefined;
  try {
    return { status: await main(args), ...texts };
  } finally {
    process.exitCode = exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}
