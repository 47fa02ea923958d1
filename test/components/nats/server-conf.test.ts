import { describe, expect, it } from "@jest/globals";
import { serverConf } from "../../../components/nats/server-conf";
import { FACTS } from "./facts";

describe("serverConf", () => {
  it("is this file for the kind environment", () => {
    expect(serverConf(FACTS)).toBe(`include "auth/passwords.conf"
server_name: $POD_NAME
port: 4222
http_port: 8222
pid_file: "/var/run/nats/nats.pid"
max_payload: 1048576 # 1Mi
lame_duck_grace_period: "10s"
lame_duck_duration: "30s"
debug: false
trace: false
logtime: true
jetstream {
  store_dir: "/data/jetstream"
  max_memory_store: 1073741824 # 1Gi
  max_file_store: 5368709120 # 5Gi
}
system_account: "$SYS"
accounts {
  "$SYS" {
    users: [
      { user: "sys", password: $NATS_SYS_PASSWORD }
    ]
  }
  NOETL {
    jetstream: true
    users: [
      { user: "noetl", password: $NATS_NOETL_PASSWORD }
    ]
  }
}
`);
  });

  it("takes the sizes it is given", () => {
    const conf = serverConf({ ...FACTS, maxPayload: "8M", jetstream: { memory: "512Mi", file: "1.1Gi" } });
    expect(conf).toContain("max_payload: 8000000\n");
    expect(conf).toContain("max_memory_store: 536870912 # 512Mi\n");
    expect(conf).toContain("max_file_store: 1181116006\n");
  });
});
