import { spawn } from "node:child_process";
import { join } from "node:path";

/** Whom and where to ask. */
export interface Login {
  /** Folder of PostgreSQL's programs. */
  programs: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** PGOPTIONS: settings in the startup packet. Default: none. */
  options?: string;
}

/** What a program said. */
export interface Said {
  status: number | null;
  stdout: string;
  stderr: string;
}

function environment({ port, user, password, database, options }: Login): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: "disable",
    ...(options !== undefined && { PGOPTIONS: options }),
  };
}

/** Runs one of PostgreSQL's programs to its end. */
export function run(login: Login, program: string, args: string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(login.programs, program), args, {
      env: environment(login),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({ status, ...said });
    });
  });
}

/** What a query answers, or `failed: ` and why. */
export async function ask(login: Login, query: string): Promise<string> {
  const { status, stdout, stderr } = await run(login, "psql", [
    ...["-X", "-w", "-At", "-v", "ON_ERROR_STOP=1", "-c", query],
  ]);
  return status === 0 ? stdout.trim() : `failed: ${stderr.trim()}`;
}

/** A client that stays connected. */
export interface Session {
  /** What a statement answers, with errors as text. */
  query(statement: string): Promise<string>;
  close(): Promise<void>;
}

const NOTHING = () => undefined;

/** Connects, and keeps the connection until it is closed. */
export function connect(login: Login): Session {
  const child = spawn(join(login.programs, "psql"), ["-X", "-w", "-At"], {
    env: environment(login),
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  let look: () => void = NOTHING;
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
    look();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const closed = new Promise<void>((resolve) =>
    child.on("close", () => {
      look();
      resolve();
    }),
  );
  let asked = 0;
  return {
    query: (statement) =>
      new Promise((resolve) => {
        const mark = `-- answer ${(asked += 1)} --`;
        look = () => {
          const end = output.indexOf(mark);
          if (end < 0 && child.exitCode === null) return;
          const answer = end < 0 ? output : output.slice(0, end);
          output = end < 0 ? "" : output.slice(end + mark.length);
          look = NOTHING;
          resolve(answer.trim());
        };
        child.stdin.write(`${statement};\n\\echo ${mark}\n`);
      }),
    close: () => {
      child.stdin.end();
      return closed;
    },
  };
}
