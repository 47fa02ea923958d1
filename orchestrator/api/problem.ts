import { z } from "zod";
import { StackRefusal } from "../engine/stack-folder";
import { DockerDown, EnvironmentError, type EnvironmentErrorCode } from "../environments/errors";
import { withoutSecrets } from "../redact";
import { Refusal, type RefusalCode } from "../tasks/errors";

/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** `body.servers[0]`, `query.limit`, `path.id`, `header.idempotency-key`. */
  path: string;
  message: string;
}

/** A request that is refused; becomes an answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /** @param problems The first one's path is the answer's. */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problems: readonly FieldProblem[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

const fieldProblem = z.strictObject({ path: z.string(), message: z.string() });

/** What every answer with an error status looks like. */
export const problemAnswer = z
  .strictObject({
    success: z.literal(false),
    data: z.null(),
    error: z.strictObject({
      code: z.string().describe("Stable, for programs."),
      message: z.string().describe("For people."),
      path: z.string().nullable().describe("The field that is to blame, as body.servers[0]; null when none is."),
      problems: z.array(fieldProblem).describe("All fields that are to blame."),
    }),
  })
  .describe("A request that was refused.");

/** The answer of an error. */
export function problemOf({ code, message, problems }: ApiError): z.infer<typeof problemAnswer> {
  const shown = problems.map(({ path, message: text }) => ({
    path: withoutSecrets(path),
    message: withoutSecrets(text),
  }));
  return {
    success: false,
    data: null,
    error: { code, message: withoutSecrets(message), path: shown[0]?.path ?? null, problems: shown },
  };
}

const STATUS: Record<RefusalCode, number> = {
  "not-found": 404,
  "wrong-state": 409,
  conflict: 409,
  "lease-lost": 409,
  "key-reused": 409,
  "schedule-exists": 409,
  "dependency-failed": 409,
  "dependency-cycle": 422,
  "dependency-unknown": 422,
  invalid: 400,
  "queue-full": 503,
  draining: 503,
  "disk-full": 507,
  "storage-away": 503,
  "storage-broken": 503,
  closed: 503,
};

/** The field that a refusal of the core is about. */
const FIELD: Partial<Record<RefusalCode, string>> = {
  "not-found": "path.id",
  "wrong-state": "path.id",
  "schedule-exists": "body.id",
  "key-reused": "header.idempotency-key",
  "dependency-failed": "body.depends_on",
  "dependency-cycle": "body.tasks",
  "dependency-unknown": "body.depends_on",
};

const STACK_STATUS = {
  "stack-unknown": 404,
  "stack-refused": 403,
  "settings-unknown": 404,
  "settings-refused": 400,
} as const satisfies Record<StackRefusal["code"], number>;

const ENVIRONMENT_STATUS: Partial<Record<EnvironmentErrorCode, number>> = {
  "environment-unknown": 404,
  "privileged-refused": 403,
  "name-taken": 409,
  "subnet-taken": 409,
  "wrong-state": 409,
  "docker-none": 409,
};

/** Messages of Fastify's own refusals: theirs change with its versions. */
const FASTIFY: Record<string, [status: number, code: string, message: string, path?: string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, "media-type", "send a body as application/json", "header.content-type"],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, "invalid", "the body is empty; leave out content-type, or send JSON", "body"],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, "malformed-json", "the body is not JSON", "body"],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, "too-large", "the body is too large", "body"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, "invalid", "content-length does not fit the body", "header.content-length"],
  FST_ERR_BAD_URL: [400, "invalid", "the address cannot be decoded", "path"],
  FST_ERR_MAX_PARAM_LENGTH: [414, "too-large", "a part of the address is too long", "path"],
};

/**
 * What to answer an error with; undefined: it is a bug of ours, of which nobody is told more than that.
 *
 * @param place Where a field of the body stands. Default: `body`.
 */
export function apiErrorOf(error: unknown, place = "body"): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof Refusal) {
    const { code, message } = error;
    const status = STATUS[code];
    const path = code === "invalid" ? invalidField(error) : FIELD[code];
    const problems = path === undefined ? [] : [{ path, message }];
    return new ApiError(
      status,
      code,
      message,
      problems,
      status === 503 || status === 507 ? { "retry-after": "5" } : {},
    );
  }
  if (error instanceof StackRefusal) {
    const { code, field, message } = error;
    return new ApiError(STACK_STATUS[code], code, message, [{ path: `${place}.${field}`, message }]);
  }
  if (error instanceof EnvironmentError) {
    const { code, message, field } = error;
    const path = field === "id" ? "path.id" : `${place}.${field}`;
    const problems = field === undefined ? [] : [{ path, message }];
    return new ApiError(ENVIRONMENT_STATUS[code] ?? 422, code, message, problems);
  }
  if (error instanceof DockerDown) return new ApiError(503, error.code, error.message, [], { "retry-after": "5" });
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  const known = FASTIFY[error.code];
  if (!known) return undefined;
  const [status, code, message, path] = known;
  return new ApiError(status, code, message, path === undefined ? [] : [{ path, message }]);
}

function invalidField({ message, details: { field } }: Refusal): string | undefined {
  if (field !== undefined) return `body.${field}`;
  return message.startsWith("cursor") ? "query.cursor" : undefined;
}

/** The error of input that its schema refuses. Messages of schemas never repeat a value. */
export function invalid(place: string, { issues }: z.ZodError): ApiError {
  const problems = issues.flatMap((issue): FieldProblem[] => {
    const path = pathOf(place, issue.path);
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: pathOf(path, [key]), message: "there is no such field" }));
  });
  const [first] = problems;
  return new ApiError(400, "invalid", `${first?.path ?? place}: ${first?.message ?? "it is invalid"}`, problems);
}

function pathOf(place: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${String(key).slice(0, 100)}`),
    place,
  );
}
