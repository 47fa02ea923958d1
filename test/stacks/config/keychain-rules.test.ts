import { describe, expect, test } from "@jest/globals";
import { problemsOf, stackText } from "./support";

const ADDRESS = "address: https://vault.example.com";
const vault = (settings: string): string => `noetl:server: { keychain: { vault: { ${ADDRESS}, ${settings} } } }`;
const kubernetes = (settings: string): string => `noetl:server: { keychain: { kubernetes: { ${settings} } } }`;
const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

describe("files of keychain providers", () => {
  test.each([
    vault("tokenFile: /etc/vault/token, caFile: /etc/vault/ca.crt, filesSecret: vault-files"),
    vault("caFile: /etc/vault/ca.crt, filesSecret: vault-files"),
    kubernetes("tokenFile: /etc/api/token, filesSecret: api-files"),
    kubernetes(`caFile: ${FOLDER}/ca.crt`),
  ])("are taken: %s", (lines) => {
    expect(problemsOf(stackText(lines))).toStrictEqual([]);
  });

  test.each<[string, string, string]>([
    [
      vault("tokenFile: /etc/vault/token"),
      "noetl:server.keychain.vault.tokenFile",
      "is a path where nothing puts a file",
    ],
    [
      kubernetes("caFile: /etc/api/ca.crt"),
      "noetl:server.keychain.kubernetes.caFile",
      "is a path where nothing puts a file",
    ],
    [
      vault("filesSecret: vault-files"),
      "noetl:server.keychain.vault.filesSecret",
      "is of no use without tokenFile or caFile outside of the service account's folder",
    ],
    [
      vault("tokenFile: /etc/vault/token, caFile: /etc/ssl/ca.crt, filesSecret: vault-files"),
      "noetl:server.keychain.vault.filesSecret",
      "is mounted at one folder, and the files are in /etc/vault and /etc/ssl",
    ],
    [
      vault("tokenFile: /tmp/token, filesSecret: vault-files"),
      "noetl:server.keychain.vault.tokenFile",
      "/tmp is not free in the server's pod",
    ],
    [
      `noetl:server: { keychain: { kubernetes: { tokenFile: /etc/a/token, filesSecret: a }, vault: { ${ADDRESS}, tokenFile: /etc/a/token, filesSecret: b } } }`,
      "noetl:server.keychain.vault.filesSecret",
      "would be mounted at /etc/a, where the files of server.keychain.kubernetes are",
    ],
  ])("are refused: %s", (lines, path, message) => {
    expect(problemsOf(stackText(lines))).toMatchObject([{ path, message }]);
  });
});
