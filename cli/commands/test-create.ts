import { type Command, InvalidArgumentError, Option } from "commander";
import type { Client, EnvironmentConfig, EnvironmentView } from "../../orchestrator/client";
import { whole } from "../numbers";
import { asking, type Common } from "../service-client";
import { detailsText, follow, ONE } from "./test-work";

export interface CreateOptions extends Common {
  name?: string;
  infra?: string;
  autoStart?: boolean;
  autoCleanup?: boolean;
  ttl?: number;
  baseImage?: string;
  image?: Record<string, string>;
  cpu?: number;
  memory?: number;
  template?: string;
  detach?: boolean;
}

/** Options of what creates an environment. */
export function creating(command: Command): Command {
  return asking(command)
    .option("--name <name>", "no two environments have the same (default: its id)")
    .option("--infra <stack>", "the stack it stands for, for people")
    .option("--auto-start", "start it, and wait until it is healthy")
    .option("--auto-cleanup", "remove its containers once tests have run")
    .addOption(
      new Option("--ttl <minutes>", "it is removed when they are over (default: 240)").argParser(whole(1, 10_080)),
    )
    .option("--base-image <image>", "a bare machine of this image instead of the taskservs' own images")
    .addOption(new Option("--image <taskserv=image>", "another image; may be repeated").argParser(pair))
    .addOption(
      new Option("--cpu <millicores>", "limit of each container (default: 1000)").argParser(whole(10, 1_024_000)),
    )
    .addOption(new Option("--memory <MiB>", "limit of each container (default: 512)").argParser(whole(6, 16_777_216)))
    .option("--detach", "do not wait until it is there");
}

/** What the options say of the machine that a taskserv runs on. */
export function machine({ baseImage, cpu, memory }: CreateOptions) {
  const resources = {
    ...(cpu !== undefined && { cpu_millicores: cpu }),
    ...(memory !== undefined && { memory_mb: memory }),
  };
  return { ...(baseImage !== undefined && { base_image: baseImage }), resources };
}

/** Creates an environment, and waits until it is there. */
export async function create(
  client: Client,
  config: EnvironmentConfig,
  options: CreateOptions,
): Promise<EnvironmentView> {
  const { name, infra, ttl, image, autoStart, autoCleanup, detach, json } = options;
  const { data } = await client.post("/test/environments/create", {
    body: {
      config,
      ...(name !== undefined && { name }),
      ...(infra !== undefined && { infra }),
      ...(ttl !== undefined && { ttl_minutes: ttl }),
      ...(image !== undefined && { images: image }),
      auto_start: autoStart === true,
      auto_cleanup: autoCleanup === true,
    },
  });
  if (detach !== true && data.task_id !== null) await follow(client, data.task_id, json === true);
  const { data: details } = await client.get(ONE, { path: { id: data.id } });
  if (json === true) process.stdout.write(`${JSON.stringify(details)}\n`);
  else process.stdout.write(detailsText(details));
  return details;
}

function pair(text: string, others: Record<string, string> = {}): Record<string, string> {
  const [taskserv = "", ...image] = text.split("=");
  if (taskserv !== "" && image.length > 0) return { ...others, [taskserv]: image.join("=") };
  throw new InvalidArgumentError("It must be as postgres=docker.io/library/postgres:17.");
}
