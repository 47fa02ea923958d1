import { entriesOf } from "../../components/secrets/entries";
import { secretKeys } from "../secret-keys";
import type { Check } from "./check";

/** An entry of another name moves nothing: the value that it was meant for is looked for at its usual place. */
export const secretEntries: Check = {
  id: "secret-entries",
  title: "Each of `secretProvider.entries` is the name of a value that the stack reads.",
  scope: "googleCloud",
  run: ({ config: { secretProvider }, graph }) => {
    if (secretProvider.kind !== "gcp") return [];
    const names = new Set(secretKeys(graph).flatMap(({ secret, key }) => entriesOf(secret, [key]).map(entryName)));
    return secretProvider.entries.flatMap(({ name }, index) =>
      names.has(name)
        ? []
        : [
            {
              severity: "error" as const,
              rule: secretEntries.id,
              resource: `noetl:secretProvider.entries[${index}].name`,
              message: `the stack reads no value "${name}": the entry moves nothing`,
              fix: `write one of: ${[...names].sort().join(", ")}`,
            },
          ],
    );
  },
};

function entryName({ entry }: { entry: string }): string {
  return entry;
}
