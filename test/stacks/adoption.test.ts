import { expect, test } from "@jest/globals";
import { readAdoption } from "../../stacks/adoption";

const NEXT = "\nnext: remove it, or write it anew with noetl-ops adopt --stack kind";

test("given a file of the stack, reads it", () => {
  const file = { stack: "kind", imports: { "urn:x": "noetl/x" }, applies: ["urn:y"] };
  expect(readAdoption("adopt.kind.json", JSON.stringify(file), "kind")).toEqual(file);
});

test.each([
  ["no JSON", "{", "adopt.kind.json is not JSON"],
  ["something else", '{"stack":"kind"}', "adopt.kind.json is not a file of noetl-ops adopt"],
  ["another stack's file", '{"stack":"gke","imports":{},"applies":[]}', "adopt.kind.json is of stack gke, not of kind"],
])("given %s, says so and what to do", (_, text, message) => {
  expect(() => readAdoption("adopt.kind.json", text, "kind")).toThrow(new Error(message + NEXT));
});
