import { expect, test } from "@jest/globals";
import { keychainFiles } from "../../../components/noetl/keychain-files";

test("given no files, then nothing is mounted", () => {
  expect(keychainFiles({ vault: { address: "http://vault.vault.svc:8200", kvMount: "secret" } })).toStrictEqual({
    volumes: [],
    volumeMounts: [],
  });
});

test("given a Secret for each provider, then each is mounted, read-only, at the folder of its files", () => {
  const files = keychainFiles({
    kubernetes: { namespaces: [], caFile: "/etc/api/ca.crt", filesSecret: "api-files" },
    vault: {
      address: "https://vault.example.com",
      kvMount: "secret",
      tokenFile: "/etc/vault/token",
      caFile: "/etc/vault/ca.crt",
      filesSecret: "vault-files",
    },
  });
  expect(files).toStrictEqual({
    volumes: [
      { name: "kubernetes-files", secret: { secretName: "api-files" } },
      { name: "vault-files", secret: { secretName: "vault-files" } },
    ],
    volumeMounts: [
      { name: "kubernetes-files", mountPath: "/etc/api", readOnly: true },
      { name: "vault-files", mountPath: "/etc/vault", readOnly: true },
    ],
  });
});
