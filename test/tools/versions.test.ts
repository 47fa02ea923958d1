import { describe, expect, test } from "@jest/globals";
import { isGood, versionIn } from "../../tools/versions";

describe("versionIn", () => {
  test.each([
    ["v3.259.0", "3.259.0"],
    ["etcd Version: 3.6.16\nGit SHA: Not provided\nGo Version: go1.26.8\n", "3.6.16"],
    ["Kubernetes v1.36.1\n", "1.36.1"],
    ["nats-server: v2.15.2-RC.1", "2.15.2"],
    ["development", undefined],
  ])("reads %j", (text, version) => {
    expect(versionIn(text)).toBe(version);
  });
});

describe("isGood", () => {
  test.each([
    ["3.6.0", true],
    ["3.6.16", true],
    ["3.10.0", true],
    ["3.5.99", false],
    ["4.0.0", false],
    ["10.0.0", false],
  ])("takes %s for 3.6 or newer below 4: %j", (version, good) => {
    expect(isGood(version, { from: "3.6.0", below: "4.0.0" })).toBe(good);
  });
});
