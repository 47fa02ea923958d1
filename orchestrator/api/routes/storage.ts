import { PassThrough } from "node:stream";
import { createGzip } from "node:zlib";
import { z } from "zod";
import { UserError } from "../../../stacks/errors";
import { writeBackup } from "../../storage/copy/backup";
import type { Migration } from "../../storage/copy/mover";
import { STORAGES } from "../../storage/open";
import type { ApiContext } from "../context";
import { ApiError } from "../problem";
import { done, route, type Route } from "../route";
import { success } from "../schemas";

const sum = z.strictObject({ count: z.int(), sha256: z.string() });
const migrationView = z
  .strictObject({
    state: z.enum(["copying", "comparing", "moving", "moved", "failed", "cancelled"]),
    from: z.string(),
    to: z.string(),
    done: z.int(),
    total: z.int(),
    held_ms: z.number().nullable().describe("Milliseconds for which writes waited for the exchange."),
    sums: z.strictObject({ tasks: sum, lines: sum, documents: sum, audit: sum }).nullable(),
    error: z.string().nullable(),
  })
  .describe("How a migration is.");
export type MigrationView = z.infer<typeof migrationView>;

/** Routes by which what is kept is moved and backed up, while the service works. */
export function storageRoutes({ storage, mover, clock }: ApiContext): Route[] {
  return [
    route({
      method: "POST",
      path: "/storage/migration",
      id: "begin_migration",
      summary: "Move everything to another storage while the service works, and go on there",
      needs: "administer",
      body: z.strictObject({
        to: z.enum(STORAGES),
        target_dir: z
          .string()
          .regex(/^\/[^\p{Cc}]{1,1000}$/u, "must be an absolute path")
          .optional()
          .describe("Data folder for it, from the root of the service's machine. Default: the service's."),
      }),
      answers: { 202: { describes: "Begun.", schema: success(migrationView) } },
      handle: ({ person, body }) => {
        if (mover.isWorking) throw new ApiError("wrong-state", `a migration is ${mover.last?.state ?? "under way"}`);
        try {
          const begun = mover.begin({ kind: body.to, dataDir: body.target_dir }, person.name);
          return Promise.resolve(done(viewOf(begun), { status: 202 }));
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          throw new ApiError("wrong-state", error.message, [{ path: "body.to", message: error.message }]);
        }
      },
    }),
    route({
      method: "GET",
      path: "/storage/migration",
      id: "get_migration",
      summary: "Read how the last migration is; null: none was begun since the service was started",
      needs: "view",
      answers: { 200: { describes: "How it is.", schema: success(migrationView.nullable()) } },
      handle: () => Promise.resolve(done(mover.last ? viewOf(mover.last) : null)),
    }),
    route({
      method: "DELETE",
      path: "/storage/migration",
      id: "cancel_migration",
      summary: "Break off a migration that has not moved yet",
      needs: "administer",
      answers: { 200: { describes: "It is over.", schema: success(migrationView.nullable()) } },
      handle: async () => {
        await mover.cancel();
        return done(mover.last ? viewOf(mover.last) : null);
      },
    }),
    route({
      method: "GET",
      path: "/storage/backup",
      id: "get_backup",
      summary: "Read everything as one file, as it is at one moment",
      needs: "administer",
      answers: { 200: { describes: "JSON, a line each, compressed.", type: "application/gzip" } },
      handle: async ({ reply }) => {
        const lines = new PassThrough();
        const gone = new AbortController();
        reply.raw.once("close", () => {
          gone.abort(new Error("nobody reads any more"));
        });
        writeBackup(storage, lines, { now: () => clock.now(), signal: gone.signal }).then(
          () => lines.end(),
          (error: unknown) => lines.destroy(error as Error),
        );
        const zip = createGzip();
        lines.once("error", (error) => zip.destroy(error));
        await reply.header("content-type", "application/gzip").send(lines.pipe(zip));
        return undefined;
      },
    }),
  ];
}

function viewOf({ heldMs, sums, error, ...more }: Migration): MigrationView {
  return { ...more, held_ms: heldMs ?? null, sums: sums ?? null, error: error ?? null };
}
