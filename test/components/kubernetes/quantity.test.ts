import { describe, expect, test } from "@jest/globals";
import { isPinned, parseImage } from "../../../components/kubernetes/image";
import { formatBytes, formatCpu, parseQuantity, quantityValue } from "../../../components/kubernetes/quantity";

describe("a quantity", () => {
  test.each([
    ["5Gi", 5 * 1024 ** 3],
    ["512Mi", 512 * 1024 ** 2],
    ["1.5Ki", 1536],
    ["5G", 5e9],
    ["129.3G", 129_300_000_000],
    ["250m", 0.25],
    ["2", 2],
    [1.5, 1.5],
  ])("%s is %d", (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  test.each(["", "5 Gi", "5GB", "Gi", "-1", "1e3", NaN, Infinity])("%s is none", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
    expect(() => quantityValue(text)).toThrow(`not a quantity: ${text}`);
  });

  test("is written for people", () => {
    expect(formatBytes(1.25 * 1024 ** 3)).toBe("1.25Gi");
    expect(formatBytes(512)).toBe("512");
    expect(formatCpu(0.25)).toBe("250m");
    expect(formatCpu(1.5)).toBe("1.5");
  });
});

describe("an image reference", () => {
  const digest = `sha256:${"0".repeat(64)}`;

  test.each([
    ["nats:2.12", { repository: "nats", tag: "2.12" }],
    ["localhost:5000/a/b", { repository: "localhost:5000/a/b" }],
    ["ghcr.io/noetl/server:3.39.3", { repository: "ghcr.io/noetl/server", tag: "3.39.3" }],
    [`ghcr.io/noetl/server@${digest}`, { repository: "ghcr.io/noetl/server", digest }],
    [`a:1@${digest}`, { repository: "a", tag: "1", digest }],
  ])("%s has its parts", (text, parts) => {
    expect(parseImage(text)).toEqual(parts);
  });

  test.each(["", "UPPER/case:1", "a b:1", "a:", "a@sha256:00", "a//b:1", "https://ghcr.io/a:1"])(
    "%s is none",
    (text) => {
      expect(parseImage(text)).toBeUndefined();
    },
  );

  test("is pinned by a digest, or a tag that is not latest", () => {
    expect(["a:1", `a@${digest}`, `a:latest@${digest}`].map(isPinned)).toEqual([true, true, true]);
    expect(["a", "a:latest", "localhost:5000/a", "not an image"].map(isPinned)).toEqual([false, false, false, false]);
  });
});
