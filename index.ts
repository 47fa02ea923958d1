import { program } from "./stacks/program";

export const { serverUrl, natsUrl, postgresHost, schemaVersion } = program();
