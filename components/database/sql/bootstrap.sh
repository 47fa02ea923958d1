#!/bin/sh
# Brings a Postgres to what the platform needs: the role, the databases, the schema. Safe to run again at any time.
#
#   PGHOST PGPORT PGUSER PGPASSWORD  the administrator (a superuser, or a role with CREATEROLE and CREATEDB)
#   NOETL_DATABASE    database that gets the schema; several, separated by blanks, when sharded     default: noetl
#   NOETL_USER        role the platform connects with                                               default: noetl
#   NOETL_PASSWORD    its password; set on every run, so that a rotated Secret takes effect         required
#   NOETL_SCHEMA      default: noetl, the only name the published images know
#   EXTRA_DATABASES   databases to create empty, separated by blanks                                default: none
#   SCHEMA_FILE       default: schema.sql beside this script
#   BOOTSTRAP_ATTEMPTS, PGCONNECT_TIMEOUT   how often and how many seconds to try to connect        default: 60, 5
#
# Passwords are never arguments, and never in a statement: psql's \password hashes on this side, so that neither the
# server's log nor pg_stat_activity nor pg_stat_statements can show one.
set -euf

: "${PGHOST:?is not set}" "${PGUSER:?is not set}" "${NOETL_PASSWORD:?is not set}"
user=${NOETL_USER:-noetl}
databases=${NOETL_DATABASE:-noetl}
extra=${EXTRA_DATABASES:-}
schema=${NOETL_SCHEMA:-noetl}
schema_file=${SCHEMA_FILE:-$(dirname -- "$0")/schema.sql}
attempts=${BOOTSTRAP_ATTEMPTS:-60}
export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-5}" PGAPPNAME=noetl-bootstrap

say() { printf '%s\n' "$*"; }
fail() { printf 'bootstrap: %s\n' "$*" >&2; exit 1; }
admin() { psql -X -q -w -v ON_ERROR_STOP=1 "$@"; }

newline='
'
case $NOETL_PASSWORD in
  *"$newline"*) fail 'NOETL_PASSWORD contains a line break (a trailing one is usual for a Secret made with echo)' ;;
esac
[ "$user" != "$PGUSER" ] || fail "NOETL_USER is the administrator ($PGUSER): the platform must not run as one"
[ -r "$schema_file" ] || fail "cannot read $schema_file"

say "waiting for $PGHOST:${PGPORT:-5432} (at most $attempts attempts)"
attempt=1
until error=$(admin -d "${PGDATABASE:-postgres}" -c 'SELECT 1' 2>&1 >/dev/null); do
  [ "$attempt" -lt "$attempts" ] || fail "no connection after $attempt attempts: $error"
  attempt=$((attempt + 1))
  sleep 2
done
export PGDATABASE="${PGDATABASE:-postgres}"

say "role $user"
# The advisory lock keeps two Jobs from doing this at once. An administrator who is no superuser must be able to act as
# the role to make things for it.
admin -v role="$user" <<'SQL'
SELECT pg_advisory_lock(hashtext('noetl bootstrap')) \g /dev/null
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('ALTER ROLE %I LOGIN', :'role')
  WHERE NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('GRANT %I TO %I', :'role', current_user)
  WHERE NOT pg_has_role(:'role', CASE WHEN :SERVER_VERSION_NUM < 160000 THEN 'MEMBER' ELSE 'SET' END) \gexec
SQL

say "password of $user"
# \password asks on the terminal if there is one and reads its input otherwise: setsid leaves the terminal.
detach=$(command -v setsid || true)
error=$(printf '%s\n%s\n' "$NOETL_PASSWORD" "$NOETL_PASSWORD" |
  $detach psql -X -q -w -At -v ON_ERROR_STOP=1 -v role="$user" \
    -c "SELECT FROM pg_advisory_lock(hashtext('noetl bootstrap'))" -c '\password :"role"' 2>&1) ||
  fail "the password was not set: $error"

for database in $databases $extra; do
  say "database $database"
  admin -v database="$database" -v role="$user" <<'SQL'
SELECT pg_advisory_lock(hashtext('noetl bootstrap')) \g /dev/null
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', :'database', :'role')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
-- Cloud SQL's API gives a database that it makes to a role of its own.
SELECT format('ALTER DATABASE %I OWNER TO %I', :'database', :'role')
  FROM pg_database WHERE datname = :'database' AND pg_get_userbyid(datdba) = 'cloudsqlsuperuser' \gexec
SQL
done

for database in $databases; do
  say "schema $schema in $database"
  admin -d "$database" -v schema="$schema" -v owner="$user" -f "$schema_file"
done
say 'done'
