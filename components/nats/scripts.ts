import { MONITORING_PORT } from "./facts";
import * as layout from "./layout";

/**
 * The preStop hook: tells the server to enter lame-duck mode, and ends once it has. SIGTERM, which the kubelet sends
 * next, would otherwise end the server at once. Gives up after 5 s.
 */
export const LAME_DUCK = [
  `nats-server --signal=ldm=${layout.PID_FILE} || exit`,
  `url="http://$${layout.POD_NAME}:${MONITORING_PORT}/healthz?js-server-only=true"`,
  'i=0; while [ $((i += 1)) -le 50 ] && wget -q -T 1 -O /dev/null "$url"; do sleep 0.1; done',
].join("\n");

/** Variable of the reloader's environment: what {@link layout.RESTART_FILE} held when the pod was made. */
export const RESTART_CHECKSUM = "RESTART_CHECKSUM";

/**
 * The reloader: tells the server to read its files again when one has changed. Not while {@link layout.RESTART_FILE}
 * says that a restart is due: nats-server would refuse the whole file, and may print old and new value, passwords
 * included. A refused reload is tried again only after the next change; the server's log says why.
 */
export const RELOADER = [
  `cd ${layout.CONFIG_DIR} || exit`,
  'state() { find -L . -type f ! -path "*/..*" | sort | xargs sha256sum | sha256sum; }',
  "last=$(state)",
  "while sleep 5; do",
  "  now=$(state)",
  '  [ "$now" = "$last" ] && continue',
  `  if [ "$(cat ${layout.RESTART_FILE})" != "$${RESTART_CHECKSUM}" ]; then echo "changed: waiting for the restart";`,
  `  elif nats-server --signal=reload=${layout.PID_FILE}; then echo "changed: told nats-server";`,
  "  else continue; fi",
  "  last=$now",
  "done",
].join("\n");
