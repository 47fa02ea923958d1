/** Speaks to a NATS server: what is said, where, and what must stand in its answer. */
const NATS = `said() {
  rm -f /tmp/answer
  { printf "$1"; until [ -e /tmp/stop ]; do sleep 0.1; done; } | nc "\${2%:*}" "\${2#*:}" > /tmp/answer &
  for _ in $(seq 50); do
    if grep -q "$3" /tmp/answer; then touch /tmp/stop; return; fi
    if grep -e "-ERR" /tmp/answer; then break; fi
    sleep 0.1
  done
  cat /tmp/answer
  exit 1
}
`;

/** What the published server does at its start, in short: it logs in at its database and at NATS, and serves. */
export const SERVER_START = `#!/bin/sh
set -eu
${NATS}
export PGHOST="$POSTGRES_HOST" PGPORT="$POSTGRES_PORT" PGUSER="$POSTGRES_USER" PGPASSWORD="$POSTGRES_PASSWORD" PGDATABASE="$POSTGRES_DATABASE"
psql -At -v ON_ERROR_STOP=1 -c "select count(*) from $NOETL_SCHEMA.catalog"
login=\${NOETL_NATS_URL#nats://}
login=\${login%@*}
said 'CONNECT {"verbose":false,"user":"'"\${login%%:*}"'","pass":"'"\${login#*:}"'"}\\r\\nPING\\r\\n' "\${NOETL_NATS_URL#*@}" PONG
mkdir -p /tmp/www/api
echo '{"status":"ok","database":"connected","nats":"connected"}' > /tmp/www/api/health
exec httpd -f -p "$NOETL_HOST:$NOETL_PORT" -h /tmp/www
`;

const STREAM = {
  ...{ name: "NOETL_COMMANDS", subjects: ["noetl.commands", "noetl.commands.>"], retention: "limits", storage: "file" },
  ...{ max_consumers: -1, max_msgs: -1, max_bytes: -1, max_age: 0, num_replicas: 1, discard: "old" },
};

/** What the published worker does at its start, in short: it asks its server, logs in at NATS, makes the stream, and serves. */
export const WORKER_START = `#!/bin/sh
set -eu
${NATS}
wget -q -O - "$NOETL_SERVER_URL/api/health"
login='CONNECT {"verbose":false,"user":"'"$NATS_USER"'","pass":"'"$NATS_PASSWORD"'"}\\r\\n'
stream='${JSON.stringify(STREAM)}'
said "\${login}SUB _INBOX.1 1\\r\\nPUB \\$JS.API.STREAM.CREATE.$NATS_STREAM _INBOX.1 \${#stream}\\r\\n$stream\\r\\n" "\${NATS_URL#nats://}" '"did_create":true'
mkdir -p /tmp/www
echo ok > /tmp/www/healthz
exec httpd -f -p "$WORKER_METRICS_BIND" -h /tmp/www
`;
