import { z } from "zod";
import { pem, secret, whole } from "./fields";

const leaf = (owner: string) =>
  z
    .strictObject({
      certificate: pem().describe("The certificate, then those between it and the CA."),
      key: secret().describe("Its private key, PEM, without a passphrase."),
      ca: pem().describe("CAs that peers' certificates are checked by, and that this one ends at."),
    })
    .optional()
    .describe(`Certificate of ${owner}.`);

/** Certificates that somebody else made. */
export const given = z
  .strictObject({
    mode: z.literal("given").describe("Nobody signs: certificates, keys and CAs are in the stack file."),
    given: z
      .strictObject({
        server: leaf("the server; needed with `server.tls`"),
        worker: leaf("all that runs commands; needed with `server.tls`"),
        gateway: leaf("the gateway; needed with `server.tls`"),
        scrape: leaf("whoever scrapes the server; needed with `server.tls` and `server.metrics`"),
        nats: leaf("the NATS servers; needed with `nats.tls.platform`"),
        flight: leaf("the Flight server; needed with `flight.serverTls`"),
        flightClient: leaf("clients of Flight; needed with `flight.clientTls`"),
      })
      .describe("Certificates by their owner: those that the stack needs."),
    renewBefore: whole(1, 3650)
      .default(30)
      .describe("Days before the end of a certificate from which `noetl-ops check` warns."),
  })
  .describe("Certificates of your own PKI, without cert-manager.");
