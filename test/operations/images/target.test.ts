import { describe, expect, test } from "@jest/globals";
import { parseTarget, pinned } from "../../../operations/images/target";

const DIGEST = `sha256:${"0".repeat(64)}`;

describe("an image to move to", () => {
  test.each<[string, string, string, string]>([
    ["ghcr.io/noetl/noetl:v2.35.9", "ghcr.io", "https://ghcr.io", "noetl/noetl"],
    ["docker.io/library/nats:2.12", "docker.io", "https://registry-1.docker.io", "library/nats"],
    ["docker.io/nats:2.12", "docker.io", "https://registry-1.docker.io", "library/nats"],
    ["docker.io/natsio/nats-box:1", "docker.io", "https://registry-1.docker.io", "natsio/nats-box"],
    ["registry.example.com:5000/a/b/c:1", "registry.example.com:5000", "https://registry.example.com:5000", "a/b/c"],
    ["localhost:5001/server:1", "localhost:5001", "http://localhost:5001", "server"],
    ["127.0.0.1:5001/server:1", "127.0.0.1:5001", "http://127.0.0.1:5001", "server"],
    ["127.example.com/server:1", "127.example.com", "https://127.example.com", "server"],
  ])("%s is asked for at its registry", (reference, host, origin, path) => {
    expect(parseTarget(reference).registry).toEqual({ host, origin, path });
  });

  test.each(["noetl:dev", "noetl/server:dev", "localhost/noetl:dev", "kind.local/noetl:dev", "ko.local/noetl:1"])(
    "%s is on the nodes only",
    (reference) => {
      expect(parseTarget(reference).registry).toBeUndefined();
    },
  );

  test("a digest beside the tag is what the registry is asked for", () => {
    expect(parseTarget(`ghcr.io/noetl/server:1@${DIGEST}`)).toEqual({
      reference: `ghcr.io/noetl/server:1@${DIGEST}`,
      repository: "ghcr.io/noetl/server",
      version: DIGEST,
      digest: DIGEST,
      registry: { host: "ghcr.io", origin: "https://ghcr.io", path: "noetl/server" },
    });
  });

  test("is pinned by adding the digest, once", () => {
    expect(pinned(parseTarget("ghcr.io/noetl/server:1"), DIGEST)).toBe(`ghcr.io/noetl/server:1@${DIGEST}`);
    expect(pinned(parseTarget(`ghcr.io/noetl/server@${DIGEST}`), DIGEST)).toBe(`ghcr.io/noetl/server@${DIGEST}`);
  });

  test.each<[string, string]>([
    ["", '--image: "" is not an image'],
    ["GHCR.io/noetl/server:1", "is not an image"],
    ["ghcr.io/noetl/server:1 --force", "is not an image"],
    ["https://ghcr.io/noetl/server:1", "is not an image"],
    ["ghcr.io/noetl/server@sha256:12", "is not an image"],
    ["ghcr.io/noetl/server", "does not say which image"],
    ["ghcr.io/noetl/server:latest", "does not say which image"],
  ])("refuses %s", (reference, message) => {
    expect(() => parseTarget(reference)).toThrow(message);
  });
});
