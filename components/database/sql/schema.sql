-- The tables, functions and indexes that noetl server 3.39.3 and worker 5.40.3 use.
--
-- The server makes some of them itself at start if they are missing, each replica on its own and only in the
-- database of POSTGRES_DATABASE. They are here too, under the same names: replicas that start together on an empty
-- schema would otherwise collide and exit, and the other shards' databases would never get them.
--
-- Run by bootstrap.sh; by hand: psql -X -d noetl -v schema=noetl -v owner=noetl -f schema.sql
-- The published images name the schema `noetl` in their queries: another name is for images that do not.
--
-- Rules for a change: never edit a released step; append a new one below the last (same form, idempotent statements,
-- additive, so that the server before it keeps working), and set `version` to it. Everything is one transaction.
--
-- The version this file brings a database to: <server version>-<revision>. Keep this line's form, programs read it.
\set version '3.39.3-1'

\set ON_ERROR_STOP on
\set QUIET on
\if :{?schema}
\else
  \set schema noetl
\endif
\if :{?owner}
\else
  \set owner noetl
\endif

BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '30s'; -- better to fail and be retried than to have a busy server wait behind this
SELECT pg_advisory_xact_lock(hashtext('noetl schema')) \g /dev/null

-- Tables of the same names that another tool made would be taken for ours and miss columns.
SELECT to_regclass(format('%I.catalog', :'schema')) IS NOT NULL
   AND to_regclass(format('%I.schema_version', :'schema')) IS NULL AS foreign_schema \gset
\if :foreign_schema
  DO $$ BEGIN
    RAISE EXCEPTION 'this schema has a table "catalog" that this file did not make: use an empty schema or database';
  END $$;
\endif

CREATE SCHEMA IF NOT EXISTS :"schema" AUTHORIZATION :"owner";
SET LOCAL search_path = :"schema", pg_catalog;
SET LOCAL ROLE :"owner"; -- the server's role owns what is made here and needs no grants

-- Which steps this database has had.
CREATE TABLE IF NOT EXISTS schema_version (
  version    text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

------------------------------------------------------------------------------------------------------- step 3.39.3-1
SELECT NOT EXISTS (SELECT FROM schema_version WHERE version = '3.39.3-1') AS pending \gset
\if :pending

-- Ids: 41 bits of milliseconds since 2024-01-01 UTC, 10 bits of machine, 12 bits of sequence, like the server's own.
-- The server makes the ids of events itself; the database fills in those of catalog, credential and keychain rows.
-- The database is machine 1023: give no server NOETL_SERVER_MACHINE_ID=1023.
CREATE SEQUENCE IF NOT EXISTS snowflake_seq AS bigint CYCLE;
CREATE OR REPLACE FUNCTION snowflake_id() RETURNS bigint
  LANGUAGE sql VOLATILE
  RETURN (floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000) << 22
       | (1023::bigint << 12)
       | (nextval('snowflake_seq') & 4095);

-- The smallest id of a moment: the bound of partitions, and of "everything before" when old rows are dropped.
CREATE OR REPLACE FUNCTION snowflake_floor(moment timestamptz) RETURNS bigint
  LANGUAGE sql STABLE
  RETURN (floor(extract(epoch FROM moment) * 1000)::bigint - 1704067200000) << 22;

-- Kinds of catalog entries, lower case as the server stores them: a list for readers, to which the server adds
-- `subscription` at start; GET /api/db/validate looks for the table. catalog.kind has no foreign key to it: the server
-- stores whatever `kind:` a document names, and would answer 500 to one that is not here.
CREATE TABLE IF NOT EXISTS resource (
  name text PRIMARY KEY,
  meta jsonb
);
INSERT INTO resource (name, meta) VALUES
  ('playbook',     '{"executable": true}'),
  ('agent',        '{"executable": true}'),
  ('subscription', '{"executable": true}'),
  ('credential',   '{"executable": false}'),
  ('mcp',          '{"executable": false}'),
  ('memory',       '{"executable": false}')
ON CONFLICT (name) DO NOTHING;

-- Registered documents, every version of each. Timestamps without a zone are UTC, here and in event: the server reads
-- them AT TIME ZONE 'UTC'.
CREATE TABLE IF NOT EXISTS catalog (
  catalog_id bigint    PRIMARY KEY DEFAULT snowflake_id(),
  path       text      NOT NULL,
  version    smallint  NOT NULL,
  kind       text      NOT NULL,
  content    text      NOT NULL,
  layout     jsonb,
  payload    jsonb,
  meta       jsonb,
  created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  UNIQUE (path, version)
);

-- Credentials; data_encrypted is the server's envelope as JSON text, never clear.
CREATE TABLE IF NOT EXISTS credential (
  id             bigint      PRIMARY KEY DEFAULT snowflake_id(),
  name           text        NOT NULL UNIQUE,
  type           text        NOT NULL,
  data_encrypted text        NOT NULL,
  meta           jsonb,
  tags           text[],
  description    text,
  created_at     timestamptz NOT NULL DEFAULT now(),
  updated_at     timestamptz NOT NULL DEFAULT now()
);

-- Cache of resolved secrets and tokens, sealed the same way. `id` is what key rotation walks by.
CREATE TABLE IF NOT EXISTS keychain (
  cache_key       text        PRIMARY KEY,
  id              bigint      NOT NULL UNIQUE DEFAULT snowflake_id(),
  catalog_id      bigint      NOT NULL REFERENCES catalog ON DELETE CASCADE,
  keychain_name   text        NOT NULL,
  credential_type text        NOT NULL,
  cache_type      text        NOT NULL,
  scope_type      text        NOT NULL,
  execution_id    bigint,
  data_encrypted  text        NOT NULL,
  expires_at      timestamptz,
  auto_renew      boolean     NOT NULL DEFAULT false,
  renew_config    jsonb,
  access_count    integer     NOT NULL DEFAULT 0,
  accessed_at     timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS keychain_by_catalog   ON keychain (catalog_id, created_at DESC);
CREATE INDEX IF NOT EXISTS keychain_by_execution ON keychain (execution_id) WHERE execution_id IS NOT NULL;

-- Who used which credential for what, without its value. Only added to.
CREATE TABLE IF NOT EXISTS secret_audit (
  audit_id            bigint      PRIMARY KEY,
  credential          text        NOT NULL,
  operation           text        NOT NULL,
  outcome             text        NOT NULL,
  worker_id           text,
  execution_id        bigint,
  parent_execution_id bigint,
  server_region       text,
  broker_region       text,
  kek_version         text,
  notes               text,
  occurred_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS secret_audit_credential_time ON secret_audit (credential, occurred_at DESC);
CREATE INDEX IF NOT EXISTS secret_audit_execution       ON secret_audit (execution_id) WHERE execution_id IS NOT NULL;

-- Servers and worker pools with their heartbeat. Heartbeats rewrite rows all the time: room for them in the page.
CREATE TABLE IF NOT EXISTS runtime (
  runtime_id   bigint      PRIMARY KEY,
  name         text        NOT NULL,
  kind         text        NOT NULL,
  uri          text,
  status       text        NOT NULL,
  labels       jsonb,
  capabilities jsonb,
  capacity     integer,
  runtime      jsonb,
  heartbeat    timestamptz NOT NULL DEFAULT now(),
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (kind, name)
) WITH (fillfactor = 50);

-- Only looked for by GET /api/db/validate; nothing writes it in these versions.
CREATE TABLE IF NOT EXISTS schedule (
  schedule_id bigint PRIMARY KEY DEFAULT snowflake_id()
);

-- Variables of an execution (/api/vars).
CREATE TABLE IF NOT EXISTS transient (
  execution_id bigint      NOT NULL,
  var_name     text        NOT NULL,
  var_type     text        NOT NULL,
  var_value    jsonb       NOT NULL,
  source_step  text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  accessed_at  timestamptz NOT NULL DEFAULT now(),
  access_count integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (execution_id, var_name)
);

-- The event log: the state of every execution is read from it. It only grows, so it is partitioned by execution id,
-- which is by time; dropping a partition drops old executions at once. No foreign key to catalog: with sharding the two
-- live in different databases, and the projector writes catalog_id 0. prev_event_id chains the events of an execution.
-- Nobody writes the six columns from stage_id to payload: /api/replay/state names the first five and would answer 500
-- without them, `payload` is named by the dashboard's counters, which would fill the log with errors.
CREATE TABLE IF NOT EXISTS event (
  execution_id        bigint    NOT NULL,
  event_id            bigint    NOT NULL,
  catalog_id          bigint    NOT NULL,
  parent_event_id     bigint,
  prev_event_id       bigint,
  parent_execution_id bigint,
  event_type          text,
  node_id             text,
  node_name           text,
  node_type           text,
  status              text,
  duration            double precision,
  context             jsonb,
  result              jsonb,
  meta                jsonb,
  stage_id            text,
  frame_id            text,
  command_id          bigint,
  aggregate_type      text,
  aggregate_id        text,
  payload             jsonb,
  error               text,
  stack_trace         text,
  worker_id           text,
  tenant_id           text      NOT NULL DEFAULT 'default',
  organization_id     text      NOT NULL DEFAULT 'default',
  created_at          timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
  PRIMARY KEY (execution_id, event_id)
) PARTITION BY RANGE (execution_id);
CREATE TABLE IF NOT EXISTS event_default PARTITION OF event DEFAULT;

-- Has this execution started, ended, been cancelled.
CREATE INDEX IF NOT EXISTS event_by_type ON event (execution_id, event_type, event_id);
-- A worker fetches and claims a command knowing only its event id.
CREATE INDEX IF NOT EXISTS event_issued ON event (event_id) WHERE event_type = 'command.issued';
-- Which events has one command of an execution. The server asks by either place of the id in one OR, so it needs both
-- indexes (the second stays empty); without them each claim reads the whole execution: 65 ms at 40,000 events, not 0.1.
CREATE INDEX IF NOT EXISTS event_by_command ON event (execution_id, (meta->>'command_id'))
  WHERE event_type IN ('command.claimed', 'command.completed', 'command.failed');
CREATE INDEX IF NOT EXISTS event_by_command_in_result ON event (execution_id, (result->'data'->>'command_id'))
  WHERE event_type IN ('command.claimed', 'command.completed', 'command.failed')
    AND result->'data'->>'command_id' IS NOT NULL;
-- Who points at this event; the server looks for an index of this name at start and makes it.
CREATE INDEX IF NOT EXISTS idx_event_prev_event_id ON event (execution_id, prev_event_id)
  WHERE prev_event_id IS NOT NULL;
-- Subscriptions are few, and their state is looked for by name in the whole log.
CREATE INDEX IF NOT EXISTS event_of_subscription ON event (node_name, event_id)
  WHERE event_type IN ('subscription.registered', 'subscription.activated', 'subscription.paused',
                       'subscription.resumed', 'subscription.draining', 'subscription.deactivated');
-- The list of executions is grouped from their first events.
CREATE INDEX IF NOT EXISTS event_started ON event (execution_id, catalog_id, created_at)
  WHERE event_type IN ('playbook.initialized', 'playbook_started', 'playbook.started');

-- One row per command issued. These versions only insert, so that completed_at, by which /api/internal/cleanup/purge
-- deletes, stays empty; partitioned and dropped like events.
CREATE TABLE IF NOT EXISTS command (
  execution_id    bigint      NOT NULL,
  command_id      bigint      NOT NULL,
  event_id        bigint      NOT NULL,
  catalog_id      bigint      NOT NULL,
  step_name       text        NOT NULL,
  tool_kind       text,
  status          text        NOT NULL,
  attempt         integer     NOT NULL,
  context         jsonb,
  meta            jsonb,
  latest_event_id bigint,
  prev_event_id   bigint,
  created_at      timestamptz NOT NULL DEFAULT now(),
  completed_at    timestamptz,
  PRIMARY KEY (execution_id, command_id)
) PARTITION BY RANGE (execution_id);
CREATE TABLE IF NOT EXISTS command_default PARTITION OF command DEFAULT;
-- A worker fetches and claims a command knowing only its event id, and the server looks here besides in event.
CREATE INDEX IF NOT EXISTS command_by_event ON command (event_id);

-- The state of an execution up to event `version`, so that a server need not read the log from its start. Each save
-- rewrites the row: room for that in the page.
CREATE TABLE IF NOT EXISTS projection_snapshot (
  tenant_id       text        NOT NULL DEFAULT 'default',
  organization_id text        NOT NULL DEFAULT 'default',
  aggregate_type  text        NOT NULL,
  aggregate_id    text        NOT NULL, -- the execution id
  version         bigint      NOT NULL,
  snapshot        jsonb       NOT NULL,
  checksum        text,
  meta            jsonb,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, organization_id, aggregate_type, aggregate_id)
) WITH (fillfactor = 50);

-- Results of steps that are too large for an event; the event then names one as noetl://execution/…
CREATE TABLE IF NOT EXISTS result_store (
  result_id    bigint      PRIMARY KEY,
  execution_id bigint      NOT NULL,
  name         text        NOT NULL,
  scope        text        NOT NULL,
  source_step  text,
  data         jsonb       NOT NULL,
  bytes        bigint      NOT NULL,
  sha256       text        NOT NULL,
  media_type   text        NOT NULL DEFAULT 'application/json',
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz
);
CREATE INDEX IF NOT EXISTS result_store_eid_name   ON result_store (execution_id, name);
CREATE INDEX IF NOT EXISTS result_store_created_at ON result_store (created_at);

-- Plug-ins of the system pool; the server puts those of its image here at every start.
CREATE TABLE IF NOT EXISTS plugin_module (
  path       text        NOT NULL,
  version    integer     NOT NULL,
  digest     text        NOT NULL,
  media_type text        NOT NULL DEFAULT 'application/wasm',
  bytes      bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (path, version)
);

-- What plug-ins store (/api/internal/objects).
CREATE TABLE IF NOT EXISTS object_store (
  object_key text        PRIMARY KEY,
  digest     text        NOT NULL,
  media_type text        NOT NULL DEFAULT 'application/octet-stream',
  bytes      bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Messages that a subscription with `dedup` has had; the server removes those outside its window.
CREATE TABLE IF NOT EXISTS subscription_dedup (
  subscription_id bigint      NOT NULL,
  dedup_key       text        NOT NULL,
  execution_id    bigint      NOT NULL,
  seen_at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription_id, dedup_key)
);
CREATE INDEX IF NOT EXISTS subscription_dedup_scope_seen ON subscription_dedup (subscription_id, seen_at);

-- How far the event log has been published to the stream noetl_events (NOETL_EVENT_STREAM_ENABLED).
CREATE TABLE IF NOT EXISTS stream_cursor (
  name       text        PRIMARY KEY,
  position   bigint      NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Events waiting to be published, for the system pool (/api/internal/outbox).
CREATE TABLE IF NOT EXISTS outbox (
  outbox_id     bigint      PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
  execution_id  bigint,
  event_id      bigint      NOT NULL,
  subject       text,
  payload       jsonb       NOT NULL,
  payload_codec text        NOT NULL DEFAULT 'arrow-feather',
  status        text        NOT NULL DEFAULT 'PENDING',
  attempts      integer     NOT NULL DEFAULT 0,
  available_at  timestamptz NOT NULL DEFAULT now(),
  locked_at     timestamptz,
  published_at  timestamptz,
  last_error    text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (execution_id, event_id)
);
CREATE INDEX IF NOT EXISTS outbox_ready ON outbox (outbox_id) INCLUDE (available_at)
  WHERE status IN ('PENDING', 'FAILED');

-- Makes the partitions `<table>_<year>q<quarter>` from the quarter of `first_day` on. Existing ones stay as they are;
-- rows that the default partition caught in the meantime move over. Returns how many were made.
CREATE OR REPLACE FUNCTION add_quarters(parent text, first_day date, quarters integer) RETURNS integer
  LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
  start_day timestamp; -- UTC
  partition text;
  bounds    bigint[];
  made      integer := 0;
BEGIN
  FOR n IN 0 .. quarters - 1 LOOP
    start_day := date_trunc('quarter', first_day::timestamp) + n * interval '3 months';
    partition := parent || to_char(start_day, '_YYYY"q"Q');
    CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
    bounds := ARRAY[snowflake_floor(start_day AT TIME ZONE 'UTC'),
                    snowflake_floor((start_day + interval '3 months') AT TIME ZONE 'UTC')];
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
    EXECUTE format('WITH moved AS (DELETE FROM %I WHERE execution_id >= %s AND execution_id < %s RETURNING *)
                    INSERT INTO %I SELECT * FROM moved', parent || '_default', bounds[1], bounds[2], partition);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                   parent, partition, bounds[1], bounds[2]);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

INSERT INTO schema_version (version) VALUES ('3.39.3-1');
\endif

---------------------------------------------------------------------------------------------------------- every time
-- This quarter's partitions and those of the next two years. Past quarters are not made again.
SELECT add_quarters('event',   (now() AT TIME ZONE 'UTC')::date, 9),
       add_quarters('command', (now() AT TIME ZONE 'UTC')::date, 9) \g /dev/null

SELECT version AS applied FROM schema_version WHERE version = :'version' \gset
COMMIT;
\echo schema :schema is at version :applied
