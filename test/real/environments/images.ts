import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { tmpdir } from "node:os";
import type Docker from "dockerode";
import { SERVER_START, WORKER_START } from "./noetl-programs";

/** Tags of the images that suites make: programs of this machine in an otherwise empty root. */
export const IMAGE = {
  busybox: "noetl.test/busybox:1",
  etcd: "noetl.test/etcd:1",
  nats: "noetl.test/nats:1",
  noetlServer: "noetl.test/noetl-server:1",
  noetlWorker: "noetl.test/noetl-worker:1",
  postgres: "noetl.test/postgres:1",
  redis: "noetl.test/redis:1",
} as const;

const POSTGRES_FOLDER = "/usr/lib/postgresql/15";

/** What the published image does at its start, in short: it prepares its data, and serves. */
const POSTGRES_START = `#!/bin/sh
set -e
initdb -U postgres --auth-host="$POSTGRES_HOST_AUTH_METHOD" --auth-local=trust --locale=C -E UTF8 --no-sync "$PGDATA"
echo "host all all all $POSTGRES_HOST_AUTH_METHOD" >> "$PGDATA/pg_hba.conf"
exec postgres -c listen_addresses='*'
`;

const PATH = "ENV PATH=/usr/local/bin:/usr/bin:/bin";

/** Debian programs without which the images cannot be made. @returns what is missing */
export function missingPrograms(): string | undefined {
  const programs = {
    "busybox-static": "/bin/busybox",
    "etcd-client": "/usr/bin/etcdctl",
    "redis-server": "/usr/bin/redis-server",
    "postgresql-15": join(POSTGRES_FOLDER, "bin/postgres"),
  };
  const missing = Object.entries(programs).filter(([, path]) => !existsSync(path));
  return missing.length === 0 ? undefined : `not installed (Debian): ${missing.map(([name]) => name).join(", ")}`;
}

/** A root folder that becomes an image. */
class Root {
  readonly folder = mkdtempSync(join(tmpdir(), "noetl-image-"));

  constructor() {
    for (const folder of ["bin", "etc", "tmp", "run", "usr/local"])
      mkdirSync(join(this.folder, folder), { recursive: true });
    chmodSync(join(this.folder, "tmp"), 0o1777);
    const users = ["root:x:0:0", "postgres:x:70:70", "redis:x:999:1000", "nobody:x:65532:65532"];
    writeFileSync(join(this.folder, "etc/passwd"), users.map((user) => `${user}::/tmp:/bin/sh\n`).join(""));
    copyFileSync("/bin/busybox", join(this.folder, "bin/busybox"));
    const applets = spawnSync("/bin/busybox", ["--list"]).stdout.toString().trim().split("\n");
    for (const applet of applets) {
      if (applet !== "busybox") symlinkSync("busybox", join(this.folder, "bin", applet));
    }
  }

  /** A program with the libraries that it is linked to. */
  program(path: string, to = join("/usr/bin", basename(path))): this {
    this.file(path, to);
    const linked = spawnSync("ldd", [path]).stdout.toString();
    for (const [, library = ""] of linked.matchAll(/(\/\S+) \(0x/g)) this.file(library, library);
    return this;
  }

  file(path: string, to = path): this {
    const target = join(this.folder, to);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) cpSync(path, target, { recursive: true, dereference: true });
    return this;
  }

  script(to: string, text: string): this {
    const target = join(this.folder, to);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { mode: 0o755 });
    return this;
  }

  async image(docker: Docker, name: string, changes: string[] = []): Promise<void> {
    const tar = spawn("tar", ["-C", this.folder, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const [repo, tag] = name.split(":");
    const said = await docker.importImage(tar.stdout, {
      repo,
      tag,
      changes,
    });
    for await (const line of said) if (line.toString().includes("error")) throw new Error(line.toString());
    rmSync(this.folder, { recursive: true });
  }
}

/** Makes the image of Redis alone. */
export async function makeRedis(docker: Docker): Promise<void> {
  await new Root().program("/usr/bin/redis-server").program("/usr/bin/redis-cli").image(docker, IMAGE.redis);
}

/** Makes the image of etcd alone. */
export async function makeEtcd(docker: Docker, etcd: string): Promise<void> {
  await new Root().program(etcd).program("/usr/bin/etcdctl").image(docker, IMAGE.etcd);
}

/** Makes all images in a Docker Engine. */
export async function makeImages(docker: Docker, tools: { etcd: string; nats: string }): Promise<void> {
  await new Root().image(docker, IMAGE.busybox, ['CMD ["sleep", "3600"]']);
  await makeEtcd(docker, tools.etcd);
  await new Root().program(tools.nats).image(docker, IMAGE.nats);
  await makeRedis(docker);
  const postgres = new Root().script("/usr/local/bin/start", POSTGRES_START);
  for (const name of ["initdb", "postgres", "psql", "pg_isready"]) {
    postgres.program(join(POSTGRES_FOLDER, "bin", name), join(POSTGRES_FOLDER, "bin", name));
  }
  for (const name of ["dict_snowball.so", "plpgsql.so"]) postgres.file(join(POSTGRES_FOLDER, "lib", name));
  postgres.file("/usr/share/postgresql/15");
  const psql = () => new Root().program(join(POSTGRES_FOLDER, "bin/psql"));
  await psql().script("/usr/local/bin/start", SERVER_START).image(docker, IMAGE.noetlServer, ['CMD ["start"]', PATH]);
  await psql().script("/usr/local/bin/start", WORKER_START).image(docker, IMAGE.noetlWorker, ['CMD ["start"]', PATH]);
  await postgres.image(docker, IMAGE.postgres, [
    'CMD ["start"]',
    `ENV PATH=${POSTGRES_FOLDER}/bin:/usr/local/bin:/usr/bin:/bin`,
  ]);
}
