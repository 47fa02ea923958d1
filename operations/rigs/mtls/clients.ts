import { at, textOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import type { Reach } from "../reach";
import type { Identity } from "./handshake";
import type { Listener } from "./listeners";
import type { FileSource } from "./mounted";
import { expiredClient, makeStranger, type Signer, signerOf, type Stranger } from "./strangers";

/** Everything that clients of a listener come with. */
export interface Clients {
  /** PEM. */
  roots: string;
  /** Default: there is none, and none is asked for. */
  right?: Identity;
  stranger: Stranger;
  /** Default: the key of the authority is not in the cluster. */
  expired?: Identity;
}

/** Reads what clients of a listener have, and makes what strangers have; nothing of it leaves this process. */
export async function clientsOf(reach: Reach, listener: Listener, signers: readonly Signer[]): Promise<Clients> {
  const roots = (await Promise.all(listener.roots.map((source) => readFile(reach, source)))).join("\n");
  if (roots === "") throw new UserError(`nobody of the stack has roots to know ${listener.name} by`);
  const right = listener.identity && {
    certificate: await readFile(reach, listener.identity.certificate),
    key: await readFile(reach, listener.identity.key),
  };
  const stranger = await makeStranger(right?.certificate);
  const signer = right && signerOf(right.certificate, signers);
  return {
    roots,
    stranger,
    ...(right && { right }),
    ...(right && signer && { expired: await expiredClient(signer, right.certificate) }),
  };
}

/** The authorities whose keys are in the cluster; a Secret that is not there, or has no key, is none. */
export async function signersOf(
  reach: Reach,
  secrets: readonly { namespace: string; secret: string }[],
): Promise<Signer[]> {
  const found = await Promise.all(
    secrets.map(async ({ namespace, secret: name }) => {
      const secret = await reach.read({ apiVersion: "v1", kind: "Secret", namespace, name });
      const [certificate, key] = ["tls.crt", "tls.key"].map((part) => textOf(at(secret, "data", part)));
      return certificate === undefined || key === undefined
        ? []
        : [{ certificate: decoded(certificate), key: decoded(key) }];
    }),
  );
  return found.flat();
}

/** The text of a file, as its object has it now. @throws UserError when object or key is not there */
async function readFile(reach: Reach, { kind, namespace, name, key }: FileSource): Promise<string> {
  if (kind === "Secret") return reach.secret({ namespace, name, key });
  const map = await reach.mustRead({ apiVersion: "v1", kind, namespace, name });
  const text = textOf(at(map, "data", key));
  if (text === undefined) throw new UserError(`${kind} ${namespace}/${name} has no key ${key}`);
  return text;
}

function decoded(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
