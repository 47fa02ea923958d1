import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A container as a manifest has it; only what {@link runContainer} needs. */
export interface Container {
  command: string[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
}

/** What a container ended with. */
export interface Ended {
  status: number | null;
  output: string;
}

/** What a container finds around it. */
export interface Surroundings {
  /** Values of Secrets, by `NAME/KEY`. */
  secrets: Record<string, string>;
  /** Files, by path in the container. */
  files?: Record<string, string>;
  /** Variables whose value differs from the manifest's: where a server listens here. */
  env: Record<string, string>;
  /** Folder of the programs it may use. */
  programs: string;
}

/** Runs a container's command as a process here, with its environment and files as the kubelet would give them. */
export async function runContainer(container: Container, around: Surroundings): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "noetl-container-"));
  try {
    const moved = Object.entries(around.files ?? {}).map(([path, text]) => {
      const here = join(folder, path.replaceAll("/", "_"));
      writeFileSync(here, text);
      return [path, here] as const;
    });
    const [program = "", ...args] = container.command.map((argument) =>
      moved.reduce((text, [path, here]) => text.replaceAll(path, here), argument),
    );
    const given = Object.fromEntries(
      container.env.map((variable) => [variable.name, valueOf(variable, around.secrets)]),
    );
    const files = Object.fromEntries(moved);
    const env = {
      PATH: `${around.programs}:${process.env.PATH ?? ""}`,
      HOME: folder,
      ...given,
      ...(files["/schema/schema.sql"] && { SCHEMA_FILE: files["/schema/schema.sql"] }),
      ...around.env,
    };
    return await ended(program, args, env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function valueOf({ name, value, valueFrom }: Container["env"][number], secrets: Record<string, string>): string {
  if (!valueFrom) return value ?? "";
  const { secretKeyRef } = valueFrom;
  const secret = secrets[`${secretKeyRef.name}/${secretKeyRef.key}`];
  if (secret === undefined) throw new Error(`${name} wants Secret ${secretKeyRef.name}, key ${secretKeyRef.key}`);
  return secret;
}

function ended(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({ status, output });
    });
  });
}
