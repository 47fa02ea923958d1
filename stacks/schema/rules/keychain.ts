import { posix } from "node:path";
import type { ServerConfig } from "..";
import { rule, type RuleProblem } from "./rule";

const PROVIDERS = ["kubernetes", "vault"] as const;
type Provider = (typeof PROVIDERS)[number];

/** What the kubelet mounts into every pod that has a service account. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Folders that are mounted already. */
const TAKEN = ["/", "/tmp", "/tls"];

/** A path alone puts no file there, and the server would find out at the first credential of a playbook. */
export const keychainFilesThere = rule(
  "`tokenFile` and `caFile` of a keychain provider are in one folder, which `filesSecret` is mounted at",
  ["server"],
  ({ server: { keychain } }) => [
    ...PROVIDERS.flatMap((provider) => problemsOf(keychain, provider)),
    ...sharedFolder(keychain),
  ],
);

function problemsOf(keychain: ServerConfig["keychain"], provider: Provider): RuleProblem[] {
  const { filesSecret } = keychain[provider] ?? {};
  const files = filesOf(keychain, provider);
  const at = (key: string): RuleProblem["path"] => ["server", "keychain", provider, key];
  if (filesSecret === undefined) {
    return files.map(({ key }) => ({
      path: at(key),
      message: "is a path where nothing puts a file",
      allowed: `with server.keychain.${provider}.filesSecret, or below ${SERVICE_ACCOUNT}`,
      next: `set server.keychain.${provider}.filesSecret to the Secret of the server's namespace that holds the file`,
    }));
  }
  const folders = new Set(files.map(({ folder }) => folder));
  if (files.length === 0) {
    return [
      {
        path: at("filesSecret"),
        message: "is of no use without tokenFile or caFile outside of the service account's folder",
        allowed: `no filesSecret, unless server.keychain.${provider} has one of them`,
      },
    ];
  }
  if (folders.size > 1) {
    return [
      {
        path: at("filesSecret"),
        message: `is mounted at one folder, and the files are in ${[...folders].join(" and ")}`,
        allowed: "tokenFile and caFile in the same folder",
      },
    ];
  }
  return files
    .filter(({ folder }) => TAKEN.includes(folder))
    .map(({ key, folder }) => ({
      path: at(key),
      message: `${folder} is not free in the server's pod`,
      allowed: `a file in a folder of its own, such as /etc/noetl/${provider}/token`,
    }));
}

function sharedFolder(keychain: ServerConfig["keychain"]): RuleProblem[] {
  const [folder, other] = PROVIDERS.map((provider) => filesOf(keychain, provider)[0]?.folder);
  if (folder === undefined || folder !== other) return [];
  return [
    {
      path: ["server", "keychain", "vault", "filesSecret"],
      message: `would be mounted at ${folder}, where the files of server.keychain.kubernetes are`,
      allowed: "a folder for each",
    },
  ];
}

function filesOf(keychain: ServerConfig["keychain"], provider: Provider) {
  const settings = keychain[provider];
  return (["tokenFile", "caFile"] as const).flatMap((key) => {
    const file = settings?.[key];
    const folder = file === undefined ? SERVICE_ACCOUNT : posix.dirname(file);
    return folder === SERVICE_ACCOUNT ? [] : [{ key, folder }];
  });
}
