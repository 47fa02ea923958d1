import type { FileNames } from "./pod-tls";

/** Where server and clients find their files. Playbooks name them. */
export const FLIGHT_DIRECTORY = "/etc/noetl/flight";

/** Names of the server's files, and keys of its Secret. */
export const FLIGHT_SERVER_FILES: FileNames = { certificate: "server.crt", key: "server.key", ca: "client-ca.crt" };

/** Names of a client's files, and keys of its Secret. */
export const FLIGHT_CLIENT_FILES: FileNames = { certificate: "client.crt", key: "client.key", ca: "server-ca.crt" };

/** Variable of the tokens that the server takes, and key of their Secret. */
export const TOKENS = "NOETL_FLIGHT_BEARER_TOKENS";

/** Variable of a client's token, and key of its Secret; playbooks use it by this name. */
export const TOKEN = "NOETL_FLIGHT_BEARER_TOKEN";

/** Secret of a client: its files, and its token under {@link TOKEN}. */
export const STACK_FLIGHT_CLIENT = "noetl-flight-client";
