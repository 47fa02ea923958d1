import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ran } from "./ran";

const STACK = `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
`;

const IMAGE = "ghcr.io/noetl/server:3.40.0";

describe("noetl-ops bump-image, called wrongly", () => {
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-bump-"));
    file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(file, STACK);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** Nobody can be reached: a mistake that is seen too late shows as another error. */
  const argsOf = (more: string[]): string[] => [
    "bump-image",
    "--stack-file",
    file,
    "--kubeconfig",
    join(folder, "none"),
    ...more,
  ];

  const inFolder = (text: string): string => text.replaceAll(`${folder}/`, "");

  test.each<[string, string[], string[]]>([
    [
      "what is no image",
      ["--image", "ghcr.io/NoETL/server:1"],
      [
        'error: --image: "ghcr.io/NoETL/server:1" is not an image',
        "allowed: REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:…, such as ghcr.io/noetl/server:3.39.3",
        "nothing was changed",
      ],
    ],
    [
      "an image without a tag",
      ["--image", "ghcr.io/noetl/server"],
      [
        'error: --image: "ghcr.io/noetl/server" does not say which image: it may be another one tomorrow',
        "allowed: a tag other than latest, or a digest",
        "next: name the released tag",
        "nothing was changed",
      ],
    ],
    [
      "two tags of one image",
      ["--image", IMAGE, "--image", "ghcr.io/noetl/server:3.41.0"],
      ["error: --image: ghcr.io/noetl/server is given twice", "next: name one tag of it", "nothing was changed"],
    ],
    [
      "a component that is nobody's, with the one that was meant",
      ["--image", IMAGE, "--deployment", "noetl-sever"],
      [
        "error: --deployment: this stack has no component 'noetl-sever'",
        "did you mean noetl-server?",
        "allowed: noetl-server-rust, noetl-worker-system-pool, noetl-server, noetl-worker",
        "nothing was changed",
      ],
    ],
    [
      "another namespace",
      ["--image", IMAGE, "--namespace", "default"],
      ["error: --namespace: this stack's components are in namespace noetl, not in default", "nothing was changed"],
    ],
    [
      "several mistakes, all at once",
      [
        "--image",
        "x",
        "--image",
        "y:latest",
        "--deployment",
        "web",
        "--deployment",
        "noetl-server",
        "--namespace",
        "n",
      ],
      [
        'error: --image: "x" does not say which image: it may be another one tomorrow',
        "allowed: a tag other than latest, or a digest",
        "next: name the released tag",
        '--image: "y:latest" does not say which image: it may be another one tomorrow',
        "allowed: a tag other than latest, or a digest",
        "next: name the released tag",
        "--namespace: this stack's components are in namespace noetl, not in n",
        "--deployment: this stack has no component 'web'",
        "allowed: noetl-server-rust, noetl-worker-system-pool, noetl-server, noetl-worker",
        "nothing was changed",
      ],
    ],
    [
      "a key that cannot be read",
      ["--image", IMAGE, "--verify-key", "/none/cosign.pub"],
      ["error: --verify-key: /none/cosign.pub cannot be read: ENOENT"],
    ],
  ])("given %s, then it is refused", async (_, more, lines) => {
    const { status, stdout, stderr } = await ran(argsOf(more));

    expect({ status, stdout, stderr: stderr.split("\n") }).toEqual({ status: 1, stdout: "", stderr: [...lines, ""] });
    expect(readFileSync(file, "utf8")).toBe(STACK);
  });

  test("given a private key in the place of the public one, then it is refused", async () => {
    const { privateKey } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(join(folder, "cosign.key"), privateKey);

    const { status, stderr } = await ran(argsOf(["--image", IMAGE, "--verify-key", join(folder, "cosign.key")]));

    expect([status, inFolder(stderr)]).toEqual([
      1,
      "error: cosign.key is not a public key in PEM\nnext: give the cosign.pub of whoever signs the images\n",
    ]);
  });

  const wait = "a duration from 1s to 24h is needed, such as 90s or 10m.";
  const attempts = "a whole number from 0 to 1000 is needed.";
  const sleep = "a whole number from 0 to 3600 is needed.";

  test.each<[string[], string]>([
    [[], "required option '--image <image>' not specified"],
    [["--wait", "10"], `option '--wait <duration>' argument '10' is invalid. ${wait}`],
    [["--wait", "0s"], `option '--wait <duration>' argument '0s' is invalid. ${wait}`],
    [["--wait", "25h"], `option '--wait <duration>' argument '25h' is invalid. ${wait}`],
    [["--wait", "1m30s"], `option '--wait <duration>' argument '1m30s' is invalid. ${wait}`],
    [["--ghcr-probe-attempts", "-1"], `option '--ghcr-probe-attempts <count>' argument '-1' is invalid. ${attempts}`],
    [
      ["--ghcr-probe-attempts", "1001"],
      `option '--ghcr-probe-attempts <count>' argument '1001' is invalid. ${attempts}`,
    ],
    [
      ["--ghcr-probe-sleep-seconds", "0.5"],
      `option '--ghcr-probe-sleep-seconds <seconds>' argument '0.5' is invalid. ${sleep}`,
    ],
    [
      ["--ghcr-probe-sleep-seconds", "3601"],
      `option '--ghcr-probe-sleep-seconds <seconds>' argument '3601' is invalid. ${sleep}`,
    ],
    [
      ["--image", IMAGE, "--all", "--deployment", "noetl-server"],
      "option '--all' cannot be used with option '--deployment <name>'",
    ],
    [["--image", IMAGE, "--stack", "kind"], "option '--stack-file <file>' cannot be used with option '--stack <name>'"],
  ])("given %j, then the usage is wrong", async (more, message) => {
    const { status, stdout, stderr } = await ran(argsOf(more));

    expect([status, stdout, stderr]).toEqual([2, "", `error: ${message}\nnext: noetl-ops bump-image --help\n`]);
  });

  test("given no stack file, then it names those that are there", async () => {
    const { status, stderr } = await ran(["bump-image", "--stack-file", join(folder, "no.yaml"), "--image", IMAGE]);
    expect([status, inFolder(stderr)]).toEqual([
      1,
      "no.yaml: 1 problem\n\n  there is no such file\n  allowed: Pulumi.dev.yaml\n  did you mean: Pulumi.dev.yaml\n",
    ]);
  });

  test("given a kubeconfig whose contexts are others, then no cluster is touched", async () => {
    const clusters = [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }];
    const contexts = [{ name: "gke-prod", context: { cluster: "c", user: "u" } }];
    const kubeconfig = { apiVersion: "v1", kind: "Config", clusters, contexts, "current-context": "gke-prod" };
    const path = join(folder, "kubeconfig");
    writeFileSync(path, JSON.stringify({ ...kubeconfig, users: [{ name: "u", user: {} }] }));

    const args = ["bump-image", "--stack-file", file, "--kubeconfig", path, "--image", IMAGE];

    expect(await ran(args)).toEqual({
      status: 1,
      stdout: "",
      stderr:
        'error: the kubeconfig has no context "kind-noetl", which the stack names in noetl:cluster.context; it has: gke-prod\n' +
        "next: get the credentials of that cluster\n",
    });
  });
});
