import { accountsConf, passwordsConf, SYSTEM_USER, type NatsPasswords } from "./accounts";
import { natsConf, type NatsConf } from "./conf";
import { size, Variable } from "./conf-text";
import { CLIENT_PORT, MONITORING_PORT, type NatsFacts } from "./facts";
import { DATA_DIR, LAME_DUCK_SECONDS, PASSWORDS_PATH, PID_FILE, POD_NAME } from "./layout";
import { clientTls, clusterConf, gatewayConf, leafnodesConf, linkSecrets, type LinkPasswords } from "./links";

/** Everything secret in the configuration of a cluster. */
export type ClusterPasswords<T = string> = NatsPasswords<T> & LinkPasswords<T>;

/** nats.conf of every server of the cluster. */
export function serverConf(facts: NatsFacts): string {
  return natsConf(serverConfModel(facts));
}

/** The same before it is text. */
function serverConfModel(facts: NatsFacts): NatsConf {
  const { maxPayload, jetstream, serverTags, accounts } = facts;
  const { jetstream: tuning, cluster: _cluster, ...limits } = facts.extra ?? {};
  return {
    include: PASSWORDS_PATH,
    server_name: new Variable(POD_NAME),
    server_tags: serverTags,
    port: CLIENT_PORT,
    http_port: MONITORING_PORT,
    pid_file: PID_FILE,
    max_payload: size(maxPayload),
    lame_duck_grace_period: "10s",
    lame_duck_duration: `${LAME_DUCK_SECONDS}s`,
    debug: false,
    trace: false,
    logtime: true,
    ...limits,
    ...clientTls(facts),
    jetstream: {
      store_dir: `${DATA_DIR}/jetstream`,
      max_memory_store: size(jetstream.memory),
      max_file_store: size(jetstream.file),
      domain: jetstream.domain,
      unique_tag: jetstream.uniqueTag,
      ...tuning,
    },
    system_account: SYSTEM_USER.account,
    accounts: accountsConf(accounts),
    cluster: clusterConf(facts),
    gateway: gatewayConf(facts),
    leafnodes: leafnodesConf(facts),
  };
}

/** The file that nats.conf includes: every variable it uses, and no other. */
export function secretConf(facts: NatsFacts, passwords: ClusterPasswords): string {
  return passwordsConf(passwords, facts.accounts) + linkSecrets(facts, passwords);
}
