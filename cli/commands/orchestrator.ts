import { Command, InvalidArgumentError, Option } from "commander";
import { loadDispatch, loadNodes, loadService } from "../../orchestrator/lazy";
import type { ServiceOptions } from "../../orchestrator/service";
import type { StorageKind } from "../../orchestrator/storage/open";
import type { Role } from "../../orchestrator/api/roles";
import { DEFAULT_SETTINGS } from "../../orchestrator/queue/settings";
import { AUDIT_FILE_BYTES } from "../../orchestrator/storage/filesystem/audit-files";
import { readEnvironment } from "../environment";
import { logTo } from "../log-lines";
import { whole } from "../numbers";
import { told } from "../signals";
import { textOf } from "../text-files";
import { together } from "../together";
import { engineOptions, engineSettings, type EngineOptions } from "./engine-options";
import { auditCommand } from "./orchestrator-audit";
import { natsAccess, natsOptions, natsSecrets, type NatsOptions } from "./nats-options";
import { surrealOptions, surrealServer, type SurrealOptions } from "./surrealdb-options";
import { queueCommand } from "./orchestrator-queue";
import { storageCommand } from "./orchestrator-storage";
import { workCommand } from "./orchestrator-work";
import { oidcOptions, oidcSettings, ROLES, type OidcOptions } from "./oidc-options";

interface ServeOptions extends OidcOptions, NatsOptions, SurrealOptions, EngineOptions {
  dispatch: "local" | "nats";
  natsReplicas: number;
  natsAckWait: number;
  natsMaxDeliver: number;
  port: number;
  host: string;
  statusPort?: number;
  dataDir: string;
  storageType: StorageKind;
  tokens?: string;
  tlsCert?: string;
  tlsKey?: string;
  rate?: number;
  concurrency?: number;
  keep: number;
  keepDays: number;
  auditFile: number;
  drain: number;
  docker?: string;
  offline?: boolean;
  allowPrivileged?: boolean;
  environments?: string;
  advertiseUrl?: string;
}

const MEBIBYTE = 1024 * 1024;
/** Tasks that are handed out at once: workers have limits of their own. */
const HANDED_OUT = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** `noetl-ops orchestrator`: the provisioning orchestrator. */
export function orchestratorCommand(): Command {
  return new Command("orchestrator")
    .description("Queue and run previews and updates of stacks, as a service with an API.")
    .addCommand(serveCommand())
    .addCommand(workCommand())
    .addCommand(tokenCommand())
    .addCommand(queueCommand())
    .addCommand(auditCommand())
    .addCommand(storageCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator serve --port 8080 --data-dir ./data
  noetl-ops orchestrator queue show
  noetl-ops orchestrator audit verify --data-dir ./data`,
    );
}

function serveCommand(): Command {
  const command = new Command("serve")
    .description("Serve the API, and run what is submitted.")
    .addOption(new Option("--port <port>", "port to listen on").argParser(whole(0, 65_535)).default(8080))
    .option("--host <address>", "address to listen on; any but loopback needs --tokens or --oidc-issuer", "127.0.0.1")
    .addOption(
      new Option(
        "--status-port <port>",
        "port for probes and metrics, which asks for no token: let nobody else reach it (default: none)",
      ).argParser(whole(0, 65_535)),
    )
    .option("--data-dir <folder>", "folder that keeps the tasks; one process at a time", "./data")
    .addOption(
      new Option("--storage, --storage-type <kind>", "how they are kept: in that folder, or on a server")
        .choices(["filesystem", "surrealdb-embedded", "surrealdb-server"])
        .default("filesystem"),
    );
  engineOptions(command)
    .option("--tokens <file>", "file of hashed tokens: see noetl-ops orchestrator token")
    .option("--tls-cert <file>", "certificate to serve HTTPS with, PEM; needs --tls-key")
    .option("--tls-key <file>", "its key, PEM")
    .addOption(
      new Option("--rate <requests>", "requests a second of each token (default: no limit)").argParser(whole(1, 1e6)),
    )
    .addOption(new Option("--concurrency <tasks>", "tasks that run at once (default: 4)").argParser(whole(1, 1000)))
    .addOption(
      new Option("--keep <tasks>", "ended tasks that are kept; the oldest beyond that are forgotten with their logs")
        .argParser(whole(0, 1e7))
        .default(DEFAULT_SETTINGS.keep.tasks),
    )
    .addOption(
      new Option("--keep-days <days>", "days after its end in which a task is forgotten with its log")
        .argParser(whole(1, 36_500))
        .default(DEFAULT_SETTINGS.keep.ms / DAY_MS),
    )
    .addOption(
      new Option("--audit-file <mebibytes>", "size after which the audit log goes on in a new file")
        .argParser(whole(1, 100_000))
        .default(AUDIT_FILE_BYTES / MEBIBYTE),
    )
    .addOption(
      new Option("--drain <seconds>", "how long to let tasks end when the service is told to stop")
        .argParser(whole(0, 86_400))
        .default(30),
    )
    .addOption(
      new Option(
        "--dispatch <way>",
        "who runs tasks: local, this process; nats, whoever runs noetl-ops orchestrator work",
      )
        .choices(["local", "nats"])
        .default("local"),
    )
    .optionsGroup("Test environments:")
    .addOption(
      new Option(
        "--docker <address>",
        "Docker Engine of test environments (default: DOCKER_HOST, or the local one)",
      ).argParser(dockerAddress),
    )
    .option("--offline", "pull no image for a test environment")
    .option("--allow-privileged", "allow test environments whose template asks for it privileged containers")
    .option("--environments <folder>", "folder with further templates/*.toml and taskservs/*.toml")
    .optionsGroup("SurrealDB server:")
    .addOption(
      new Option(
        "--advertise-url <url>",
        "where the other orchestrators on it reach this one (default: where it listens)",
      ).argParser(httpAddress),
    )
    .optionsGroup("NATS, for dispatch:")
    .addOption(new Option("--nats-replicas <copies>", "copies of what is handed out").argParser(whole(1, 5)).default(1))
    .addOption(
      new Option("--nats-ack-wait <seconds>", "without a sign of life of a worker, until another gets its task")
        .argParser(whole(1, 3600))
        .default(30),
    )
    .addOption(
      new Option("--nats-max-deliver <times>", "how often a task is handed out before it is a dead letter")
        .argParser(whole(1, 100))
        .default(5),
    )
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator serve --port 8080 --data-dir ./data
  noetl-ops orchestrator serve --allow-stack 'dev-*' --concurrency 2
  noetl-ops orchestrator serve --host 0.0.0.0 --tokens tokens.yaml --tls-cert tls.crt --tls-key tls.key
  noetl-ops orchestrator serve --host 0.0.0.0 --oidc-issuer https://sso.example.com/realms/infra --oidc-audience noetl \\
    --oidc-roles-claim realm_access.roles --oidc-role platform-team=operator --oidc-role leads=approver

Its log is on standard error, a JSON object a line. SIGTERM and Ctrl-C: no new task, those that run may end within --drain
seconds, the rest is handed back and goes on when the service starts again. A second signal ends it at once.
Exit codes: 0 stopped, 1 it could not start, 2 wrong usage.`,
    )
    .action(serve);
  for (const option of [...oidcOptions(), ...natsOptions(), ...surrealOptions()]) command.addOption(option);
  return command;
}

async function serve(options: ServeOptions, command: Command): Promise<void> {
  const { port, host, statusPort, dataDir, tokens, rate, concurrency, drain, tlsCert, tlsKey } = options;
  together(command, "--tls-cert", "--tls-key");
  const oidc = oidcSettings(options, command);
  const isDispatched = options.dispatch === "nats";
  const nats = natsAccess(options, command);
  const surrealdb = surrealServer(options, command);
  const atOnce = concurrency ?? (isDispatched ? HANDED_OUT : undefined);
  const log = logTo(process.stderr);
  const settings: ServiceOptions = {
    port,
    host,
    statusPort,
    dataDir,
    storageKind: options.storageType,
    surrealdb,
    ...engineSettings(options),
    tokens,
    oidc,
    secrets: [
      ...readEnvironment().secrets,
      ...natsSecrets(nats),
      ...(surrealdb?.login ? [surrealdb.login.password] : []),
    ],
    rate,
    ...(tlsCert !== undefined && tlsKey !== undefined && { tls: { cert: textOf(tlsCert), key: textOf(tlsKey) } }),
    queue: {
      keep: { tasks: options.keep, ms: options.keepDays * DAY_MS },
      ...(atOnce !== undefined && { concurrency: { total: atOnce, kinds: {} } }),
    },
    storage: { auditBytes: options.auditFile * MEBIBYTE },
    environments: {
      docker: options.docker ?? readEnvironment().dockerHost,
      offline: options.offline,
      allowPrivileged: options.allowPrivileged,
      folder: options.environments,
    },
    ...(isDispatched && {
      dispatch: (storage, logged) =>
        loadDispatch().Dispatcher.start(
          {
            nats,
            stream: options.natsStream,
            replicas: options.natsReplicas,
            ackWaitMs: options.natsAckWait * 1000,
            maxDeliver: options.natsMaxDeliver,
          },
          storage,
          logged,
        ),
    }),
    log,
  };
  const isShared = surrealdb && options.storageType === "surrealdb-server";
  const { advertiseUrl } = options;
  const service = await (isShared
    ? loadNodes().OrchestratorNode.start({ ...settings, surrealdb, advertiseUrl })
    : loadService().Service.start(settings));
  process.stdout.write(`listening on ${service.url}; its API: ${service.url}/docs\n`);
  const signal = await told();
  log({ level: "info", event: "stopping", signal });
  await service.stop(drain * 1000);
  log({ level: "info", event: "stopped" });
  // SurrealDB's engine keeps a process alive, also one that was moved to meanwhile.
  process.exit();
}

function tokenCommand(): Command {
  return new Command("token")
    .description("Make a token, and its entry for the file of tokens.")
    .requiredOption("--name <name>", "whose it is; stands in the history of what they do")
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .option("--json", "print both as JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator token --name ann --role operator >> tokens.yaml

The token goes to standard error, its entry with the hash to standard output. It is 256 random bits and is kept nowhere.
Roles: viewer reads; operator submits, cancels and retries, too; approver reads and approves; admin does everything.
Exit codes: 0 made, 2 wrong usage.`,
    )
    .action(({ name, role, json }: { name: string; role: Role; json?: boolean }, command: Command) => {
      if (!/^[\w.@-]{1,100}$/.test(name)) command.error("error: --name has letters, digits and _ . @ - only");
      const made = loadService().newToken(name, role);
      if (json === true) {
        process.stdout.write(`${JSON.stringify(made)}\n`);
        return;
      }
      const { entry, token } = made;
      process.stdout.write(`  - { name: ${entry.name}, role: ${entry.role}, sha256: ${entry.sha256} }\n`);
      process.stderr.write(`token: ${token}\n`);
    });
}

function httpAddress(text: string): string {
  if (/^https?:\/\/[^\s/@]+$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be as http://10.0.0.7:8080, without a path.");
}

function dockerAddress(text: string): string {
  if (/^(unix:\/\/\/.|(tcp|http|https):\/\/.)/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be an address as unix:///var/run/docker.sock or tcp://host:2375.");
}
