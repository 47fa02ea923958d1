import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { TLS_KEYS } from "../../../components/tls/authority";
import { podTls, reloaderAnnotations, type RootSource, type TlsSource } from "../../../components/tls/pod-tls";

const SOURCE: TlsSource = { secretName: "noetl-server-tls", keys: TLS_KEYS, revision: "1a2b3c4d", reloader: false };
const FLIGHT = { certificate: "server.crt", key: "server.key", ca: "client-ca.crt" };
const PAIR = [
  { key: "tls.crt", path: "tls.crt" },
  { key: "tls.key", path: "tls.key" },
];
const TWO = trusting({ secret: "old", key: "ca.crt" }, { secret: "new", key: "ca.crt" });

function trusting(...roots: RootSource[]): TlsSource {
  return { ...SOURCE, trust: { roots, joinImage: "busybox:1" } };
}

describe("what a pod gets", () => {
  test("given a Secret with everything, then it is mounted as it is", () => {
    expect(podTls(SOURCE, { path: "/tls" })).toEqual({
      paths: { certificate: "/tls/tls.crt", key: "/tls/tls.key", ca: "/tls/ca.crt" },
      volumes: [{ name: "tls", secret: { secretName: "noetl-server-tls" } }],
      volumeMounts: [{ name: "tls", mountPath: "/tls", readOnly: true }],
      initContainers: [],
      podAnnotations: { "certificate.noetl.io/noetl-server-tls": "1a2b3c4d" },
      reloads: [],
    });
  });

  test("given other file names, then the volume renames the keys", () => {
    const { paths, volumes } = podTls(SOURCE, { path: "/etc/noetl/flight", volume: "flight-tls", names: FLIGHT });
    expect(paths).toEqual({
      certificate: "/etc/noetl/flight/server.crt",
      key: "/etc/noetl/flight/server.key",
      ca: "/etc/noetl/flight/client-ca.crt",
    });
    const items = [
      { key: "tls.crt", path: "server.crt" },
      { key: "tls.key", path: "server.key" },
      { key: "ca.crt", path: "client-ca.crt" },
    ];
    expect(volumes).toEqual([{ name: "flight-tls", secret: { secretName: "noetl-server-tls", items } }]);
  });

  test("given a root elsewhere, then one volume shows both", () => {
    const { volumes, initContainers } = podTls(trusting({ configMap: "roots", key: "ca.crt" }), { path: "/tls" });
    expect(initContainers).toEqual([]);
    expect(volumes).toEqual([
      {
        name: "tls",
        projected: {
          sources: [
            { secret: { name: "noetl-server-tls", items: PAIR } },
            { configMap: { name: "roots", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          ],
        },
      },
    ]);
  });

  test("given several roots, then an init container joins them, at the same paths, never on the node's disk", () => {
    const { paths, volumes, volumeMounts, initContainers } = podTls(TWO, { path: "/tls" });
    expect(paths).toEqual(podTls(SOURCE, { path: "/tls" }).paths);
    expect(volumeMounts).toEqual([{ name: "tls", mountPath: "/tls", readOnly: true }]);
    expect(volumes).toEqual([
      {
        name: "tls-parts",
        projected: {
          sources: [
            { secret: { name: "noetl-server-tls", items: PAIR } },
            { secret: { name: "old", items: [{ key: "ca.crt", path: "roots/0.crt" }] } },
            { secret: { name: "new", items: [{ key: "ca.crt", path: "roots/1.crt" }] } },
          ],
        },
      },
      { name: "tls", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    ]);
    expect(initContainers).toMatchObject([
      {
        name: "tls-join-roots",
        image: "busybox:1",
        securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
        volumeMounts: [
          { name: "tls-parts", mountPath: "/parts", readOnly: true },
          { name: "tls", mountPath: "/joined" },
        ],
      },
    ]);
  });

  test("given the files, when the init container's script runs, then the directory is complete", () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-join-"));
    const within = (...names: string[]) => join(folder, ...names);
    try {
      mkdirSync(within("parts", "roots"), { recursive: true });
      mkdirSync(within("joined"));
      const parts = {
        "server.crt": "certificate\n",
        "server.key": "key\n",
        "roots/0.crt": "old\n",
        "roots/1.crt": "new\n",
      };
      for (const [name, text] of Object.entries(parts)) writeFileSync(within("parts", name), text);
      const [container] = podTls(TWO, { path: "/x", names: FLIGHT }).initContainers;
      const [shell = "", flags = "", script = ""] = container?.command as string[];
      const here = script.replaceAll("/parts", within("parts")).replaceAll("/joined", within("joined"));
      execFileSync(shell, [flags, here]);
      const read = (name: string) => readFileSync(within("joined", name), "utf8");
      expect(["server.crt", "server.key", "client-ca.crt"].map(read)).toEqual(["certificate\n", "key\n", "old\nnew\n"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("given Reloader, then it is told of every Secret once; without it, of none", () => {
    const reloaded = (secretName: string) => podTls({ ...SOURCE, secretName, reloader: true }, { path: "/tls" });
    expect(reloaderAnnotations(reloaded("a"), reloaded("b"), reloaded("a"))).toEqual({
      "secret.reloader.stakater.com/reload": "a,b",
    });
    expect(reloaderAnnotations(podTls(SOURCE, { path: "/tls" }))).toEqual({});
  });
});
