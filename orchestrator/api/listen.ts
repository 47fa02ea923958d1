import type { Server } from "node:http";
import { UserError } from "../../stacks/errors";

/** An address of this machine; port 0: any free one. */
export interface Address {
  host: string;
  port: number;
}

/**
 * Resolves once a server listens.
 *
 * @param option That says its address, for messages, where it is not the one for requests.
 * @throws UserError for an address that cannot be had
 */
export async function listening(server: Server, { host, port }: Address, option?: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(cannotListen({ host, port }, error, option));
    });
    server.listen({ host, port }, resolve);
  });
}

export function cannotListen({ host, port }: Address, { message }: Error, option?: string): UserError {
  return new UserError(`cannot listen on ${host}:${port}${option === undefined ? "" : `, the ${option}`}: ${message}`);
}
