#!/bin/sh
# Init container: ends when every database of the platform has the schema version that the image beside it needs.
# It waits for ever; the pod's restarts and alerts are the bound.
#
#   PGHOST PGPORT PGUSER PGPASSWORD   the platform's role
#   NOETL_SCHEMA_VERSION              the version to wait for              required
#   NOETL_DATABASE, NOETL_SCHEMA      default: noetl, noetl
#   NOETL_SHARDS                      databases of the shards, as the server takes them: DSNs with commas between them,
#                                     each host=…;port=…;user=…;password=…;database=…             default: none
set -euf

: "${PGHOST:?is not set}" "${PGUSER:?is not set}" "${NOETL_SCHEMA_VERSION:?is not set}"
schema=${NOETL_SCHEMA:-noetl}
export PGDATABASE="${NOETL_DATABASE:-noetl}" PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-5}" PGAPPNAME=noetl-wait-for-schema
export PGHOST PGPORT="${PGPORT:-5432}" PGUSER PGPASSWORD="${PGPASSWORD:-}"

wait_for_schema() {
  goal="schema $schema version $NOETL_SCHEMA_VERSION in $PGDATABASE at $PGHOST:$PGPORT"
  said=0
  while :; do
    found=$(printf '%s' 'SELECT version FROM :"schema".schema_version WHERE version = :'"'version'" |
      psql -X -q -w -At -v ON_ERROR_STOP=1 -v schema="$schema" -v version="$NOETL_SCHEMA_VERSION" 2>&1) || true
    if [ "$found" = "$NOETL_SCHEMA_VERSION" ]; then
      printf 'found %s\n' "$goal"
      return
    fi
    now=$(date +%s)
    if [ $((now - said)) -ge 10 ]; then
      said=$now
      printf 'waiting for %s: %s\n' "$goal" "$(printf '%s' "${found:-not applied yet}" | head -n 1)"
    fi
    sleep 2
  done
}

wait_for_schema
IFS=,
for dsn in ${NOETL_SHARDS:-}; do
  IFS=';'
  for pair in $dsn; do
    value=${pair#*=}
    case ${pair%%=*} in
      host) PGHOST=$value ;;
      port) PGPORT=$value ;;
      user) PGUSER=$value ;;
      password) PGPASSWORD=$value ;;
      database) PGDATABASE=$value ;;
    esac
  done
  wait_for_schema
done
