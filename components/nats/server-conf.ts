import { accountsConf, SYSTEM_USER } from "./accounts";
import { natsConf } from "./conf";
import { size, Variable } from "./conf-text";
import { CLIENT_PORT, MONITORING_PORT, type NatsFacts } from "./facts";
import { DATA_DIR, LAME_DUCK_SECONDS, PASSWORDS_PATH, PID_FILE, POD_NAME } from "./layout";

/** nats.conf of every server of the cluster. */
export function serverConf({ maxPayload, jetstream }: Pick<NatsFacts, "maxPayload" | "jetstream">): string {
  return natsConf({
    include: PASSWORDS_PATH,
    server_name: new Variable(POD_NAME),
    port: CLIENT_PORT,
    http_port: MONITORING_PORT,
    pid_file: PID_FILE,
    max_payload: size(maxPayload),
    lame_duck_grace_period: "10s",
    lame_duck_duration: `${LAME_DUCK_SECONDS}s`,
    debug: false,
    trace: false,
    logtime: true,
    jetstream: {
      store_dir: `${DATA_DIR}/jetstream`,
      max_memory_store: size(jetstream.memory),
      max_file_store: size(jetstream.file),
    },
    system_account: SYSTEM_USER.account,
    accounts: accountsConf(),
  });
}
