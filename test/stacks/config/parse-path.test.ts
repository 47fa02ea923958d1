import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parsePath } from "../../../stacks/config/parse-path";
import { formatPath } from "../../../stacks/config/path";

describe("a path on the command line", () => {
  test.each<[string, (string | number)[]]>([
    ["noetl:server", ["noetl:server"]],
    ["server.replicas", ["noetl:server", "replicas"]],
    ["noetl:workerPools[1].name", ["noetl:workerPools", 1, "name"]],
    ['nats.nodeSelector["a.b/c d"]', ["noetl:nats", "nodeSelector", "a.b/c d"]],
    ["gcp:project", ["gcp:project"]],
  ])("%s", (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  test.each([
    ["", '"" is no path of a setting'],
    [".replicas", '".replicas" is no path of a setting'],
    ["server..replicas", '"server..replicas" is no path of a setting from "..replicas" on'],
    ["workerPools[x]", '"workerPools[x]" is no path of a setting from "[x]" on'],
    ["server.replicas 3", '"server.replicas 3" is no path of a setting from " 3" on'],
  ])("refuses %j, and says from where on", (text, message) => {
    expect(() => parsePath(text)).toThrow(
      `${message}\nallowed: names with dots, indexes in brackets: noetl:workerPools[1].name, server.replicas`,
    );
  });

  test("reads what messages write", () => {
    const step = fc.oneof(fc.nat({ max: 99 }), fc.stringMatching(/^[ -~]{1,20}$/));
    const path = fc.tuple(fc.stringMatching(/^noetl:[a-z]{1,10}$/), fc.array(step, { maxLength: 4 }));
    fc.assert(
      fc.property(path, ([key, rest]) => {
        expect(parsePath(formatPath([key, ...rest]))).toEqual([key, ...rest]);
      }),
    );
  });
});
