import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../../preview/graph";
import { hazardsSince } from "../../../preview/hazards";
import { renderedFiles } from "../../../preview/manifests";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { stackText } from "../../stacks/config/support";

const TLS = {
  off: { mode: "off" },
  builtIn: {
    mode: "builtIn",
    ca: { trusted: [{ generation: 1, issuedOn: "2026-11-21" }] },
    leaves: { issuedOn: "2026-11-21" },
  },
  certManager: { mode: "certManager" },
  issuer: { mode: "issuer", issuer: { name: "google-cas" } },
} as const;
type Mode = keyof typeof TLS;

const MODES = Object.keys(TLS) as Mode[];
const sides = new Map<Mode, ResourceGraph>();

beforeAll(async () => {
  // One after another: the recorder knows one program at a time.
  for (const mode of MODES) {
    const server = mode === "off" ? "" : "noetl:server: { tls: mutual }";
    const text = stackText(`${server}\nnoetl:tls: ${JSON.stringify(TLS[mode])}`);
    sides.set(mode, await renderStack(parseStackFile(text, "Pulumi.test.yaml")));
  }
});

function side(mode: Mode): ResourceGraph {
  const found = sides.get(mode);
  if (!found) throw new Error(`nothing rendered for ${mode}`);
  return found;
}

/** Rule, what changes and what leaves it; the former side comes from files, as in the command. */
async function told(before: Mode, after: Mode): Promise<string[][]> {
  const found = await hazardsSince(renderedFiles(side(before)), side(after));
  return found.map(({ rule, message, fix }) => [rule, message.split(": ")[0] ?? "", fix.split("; or ")[0] ?? ""]);
}

describe("changes of who signs certificates", () => {
  test.each(MODES)("given %s on both sides, when compared, then nothing is told", async (mode) => {
    expect(await told(mode, mode)).toEqual([]);
  });

  test.each<[Mode, Mode, string]>([
    ["builtIn", "certManager", "the program will be of cert-manager by roots of its own"],
    ["certManager", "builtIn", "cert-manager by roots of its own will be of the program"],
    ["certManager", "issuer", "cert-manager by roots of its own will be of ClusterIssuer google-cas"],
    ["issuer", "builtIn", "ClusterIssuer google-cas will be of the program"],
  ])("given %s and then %s, when compared, then an error says that peers are parted", async (before, after, change) => {
    const [found, ...others] = await told(before, after);
    expect(others).toEqual([]);
    expect(found).toEqual([
      "tls-authority-changed",
      expect.stringMatching(new RegExp(`noetl-server-tls.* of ${change}$`)),
      "leave noetl:tls.mode as it was",
    ]);
  });

  test.each<[Mode, Mode, string, string]>([
    ["off", "certManager", "the server, which took plain HTTP, will take TLS only", "leave noetl:server.tls off"],
    ["builtIn", "off", "the server, which took TLS, will take plain HTTP only", "leave noetl:server.tls as it was"],
  ])(
    "given %s and then %s, when compared, then an error says what its clients meet",
    async (before, after, what, avoid) => {
      expect(await told(before, after)).toEqual([["tls-begins-or-ends", what, avoid]]);
    },
  );

  test("given an error, when shown, then it tells the safe way step by step", async () => {
    const [found] = await hazardsSince(renderedFiles(side("builtIn")), side("certManager"));
    expect(found).toMatchObject({ severity: "error" });
    expect(found?.steps).toHaveLength(4);
  });
});
