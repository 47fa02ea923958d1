import { Command } from "commander";
import { loadSecretsOperations } from "../../operations/secrets/lazy";
import { loadPlatform } from "../../preview/load-platform";
import { chosenFile, stackFileOption } from "../chosen-file";
import { style } from "../terminal";

/** `noetl-ops secrets`: which secrets a stack has, and replacing one. */
export function secretsCommand(): Command {
  return new Command("secrets")
    .description("The secrets of a stack: what they are and who reads them, and replacing one. No value is ever shown.")
    .addCommand(listCommand())
    .addCommand(rotateCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops secrets list --stack gke
  noetl-ops secrets rotate natsPassword --dry-run`,
    );
}

interface StackOptions {
  stack: string;
  stackFile?: string;
  json?: boolean;
}

function listCommand(): Command {
  return new Command("list")
    .description("Tell which secrets a stack has, where each is, and who reads it; needs no cluster.")
    .option("--stack <name>", "stack to look at", "kind")
    .addOption(stackFileOption())
    .option("--json", "print the list as JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops secrets list --stack gke
  noetl-ops secrets list --json | jq -r '.[] | "\\(.name) \\(.rotations)"'`,
    )
    .action(list);
}

async function list(options: StackOptions): Promise<void> {
  const { inventory, formatInventory } = loadSecretsOperations();
  const secrets = inventory(await loadPlatform(chosenFile(options)));
  process.stdout.write(
    options.json ? `${JSON.stringify(secrets, null, 2)}\n` : formatInventory(secrets, style(process.stdout)),
  );
}

interface RotateOptions extends StackOptions {
  dryRun?: boolean;
  yesIReencrypted?: boolean;
}

function rotateCommand(): Command {
  return new Command("rotate")
    .description("Replace a secret: shows what that does, and in which order, then asks for it in the stack file.")
    .argument("<name>", "the secret, as `secrets list` names it")
    .option("--stack <name>", "stack to edit", "kind")
    .addOption(stackFileOption())
    .option("--dry-run", "show everything and write nothing")
    .option("--json", "print it as JSON")
    .option("--yes-i-reencrypted", "for encryptionKey: every credential is sealed under the new key already")
    .addHelpText(
      "after",
      `
Nothing happens to the platform before the next pulumi up.

Examples:
  noetl-ops secrets rotate natsPassword --stack gke --dry-run   what it would do
  noetl-ops secrets rotate natsPassword --stack gke             raises noetl:secrets.rotations.natsPassword

Exit codes: 0 done, 1 there is no such secret or it is refused, 2 wrong usage.`,
    )
    .action(rotate);
}

async function rotate(name: string, options: RotateOptions): Promise<void> {
  const { readFileText, replaceFileText, planRotation, assertReencrypted, formatRotation } = loadSecretsOperations();
  const file = chosenFile(options);
  const rotation = planRotation(await loadPlatform(file), name, readFileText(file), file);
  const { secret, impact, count } = rotation;
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ ...secret, rotations: count, impact, written: !options.dryRun }, null, 2)}\n`,
    );
  } else process.stdout.write(formatRotation(rotation, style(process.stdout)));
  if (options.dryRun) return;
  assertReencrypted(secret, options.yesIReencrypted ?? false);
  replaceFileText(file, rotation.before, rotation.after);
}
