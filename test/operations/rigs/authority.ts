// The library's dependency injection needs it first.
import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";
import type { Signer } from "../../../operations/rigs/mtls/strangers";

const ALGORITHMS = {
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};

/** An authority with a key of this kind, in the older of the two forms in which keys of it are written. */
export async function authorityOf(kind: "rsa" | "ec"): Promise<Signer> {
  const algorithm = ALGORITHMS[kind];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=noetl-ca",
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const text = key.export({ type: kind === "rsa" ? "pkcs1" : "sec1", format: "pem" }).toString();
  return { certificate: root.toString("pem"), key: text };
}
