const RENEW = "get a new one of the provider";

/** What a code of an error means, for whoever gets it. */
interface ErrorMeaning {
  status: number;
  when: string;
  /** What whoever asked can do. */
  next: string;
  /** Seconds after which the same request may be answered otherwise; told as `retry-after`. */
  retryAfter?: number;
}

/**
 * Every code that a request can be refused with: nothing else can be answered. Codes are stable; each has one status.
 * docs/orchestrator.md has the same table, which a test compares.
 */
export const ERROR_CODES = {
  invalid: { status: 400, when: "a field is missing, wrong or unknown", next: "correct the fields in problems" },
  "malformed-json": { status: 400, when: "the body is not JSON", next: "send JSON" },
  "malformed-request": { status: 400, when: "what arrived is no HTTP/1.1 request", next: "use an HTTP client" },
  "settings-refused": {
    status: 400,
    when: "settings leads out of the project folder, or is no stack file",
    next: "name a .yaml file below the project folder",
  },
  unauthorized: { status: 401, when: "no token, or one that is not known", next: "send Authorization: Bearer" },
  "token-algorithm": { status: 401, when: "the provider's token is signed in a way that is not taken", next: RENEW },
  "token-audience": {
    status: 401,
    when: "the provider's token is for another service",
    next: "get one for --oidc-audience",
  },
  "token-claims": { status: 401, when: "a claim that is needed is missing or wrong", next: RENEW },
  "token-expired": { status: 401, when: "the provider's token has expired", next: RENEW },
  "token-issuer": { status: 401, when: "the token is of another provider", next: "get one of --oidc-issuer" },
  "token-key-unknown": { status: 401, when: "the provider has no such key as the token names", next: RENEW },
  "token-malformed": { status: 401, when: "it has a token's form and is none", next: RENEW },
  "token-not-yet-valid": { status: 401, when: "the token is valid later", next: "compare the clocks" },
  "token-signature": { status: 401, when: "the token's signature is wrong", next: RENEW },
  forbidden: { status: 403, when: "the role may not do this", next: "ask somebody whose role may" },
  "host-refused": {
    status: 403,
    when: "without tokens, another host than localhost was asked for",
    next: "ask localhost, or start the service with --tokens",
  },
  "no-role": { status: 403, when: "the provider's token gives none of the roles", next: "be given a role there" },
  "origin-refused": { status: 403, when: "a web page of another origin asks", next: "use the service's own page" },
  "own-task": { status: 403, when: "whoever submitted a task approves it", next: "ask another person" },
  "privileged-refused": {
    status: 403,
    when: "an environment wants privileged containers",
    next: "leave them out, or start the service with --allow-privileged",
  },
  "stack-refused": { status: 403, when: "the service does not work on this stack", next: "ask another service" },
  "environment-unknown": { status: 404, when: "there is no such environment", next: "list them" },
  "not-found": { status: 404, when: "there is no such task or schedule", next: "list them" },
  "route-unknown": { status: 404, when: "there is no such address", next: "read /openapi.json" },
  "settings-unknown": { status: 404, when: "there is no such stack file", next: "correct settings" },
  "stack-unknown": { status: 404, when: "there is no such stack", next: "choose one that the message lists" },
  "too-slow": { status: 408, when: "the request took too long to arrive", next: "send it faster" },
  conflict: { status: 409, when: "somebody else has written in between", next: "read again, then repeat" },
  "dependency-failed": {
    status: 409,
    when: "a task of depends_on has failed or was cancelled",
    next: "retry that task first",
  },
  "docker-none": { status: 409, when: "the service was started without a Docker", next: "start it with --docker" },
  "key-reused": { status: 409, when: "the Idempotency-Key was used for another request", next: "choose another key" },
  "lease-lost": { status: 409, when: "somebody else has taken the task over", next: "read the task again" },
  "name-taken": { status: 409, when: "an environment has the name", next: "choose another name" },
  "schedule-exists": { status: 409, when: "a schedule has the id", next: "delete it first, or choose another id" },
  "subnet-taken": { status: 409, when: "a network has the subnet", next: "leave subnet out, or choose another" },
  "wrong-state": { status: 409, when: "the state does not allow it", next: "read the state in the message" },
  "too-large": { status: 413, when: "the body is larger than 1 MiB", next: "send less, as several batches" },
  "address-too-long": { status: 414, when: "a part of the address is too long", next: "shorten it" },
  "media-type": { status: 415, when: "the body is not application/json", next: "set Content-Type" },
  "dependency-cycle": { status: 422, when: "depends_on goes round in a circle", next: "take one of them out" },
  "dependency-unknown": { status: 422, when: "depends_on names a task that there is not", next: "correct it" },
  "docker-refused": { status: 422, when: "Docker refuses the request", next: "read what it says" },
  "limit-above-host": {
    status: 422,
    when: "an environment wants more than the Docker host has",
    next: "ask for less",
  },
  "template-unknown": { status: 422, when: "there is no such template", next: "GET /test/topologies" },
  "tests-unknown": { status: 422, when: "the environment has no such test or node", next: "choose one it lists" },
  "topology-invalid": { status: 422, when: "nodes do not fit together", next: "correct what the message names" },
  "too-many-requests": {
    status: 429,
    when: "more requests a second than --rate",
    next: "send fewer",
    retryAfter: 1,
  },
  "too-many-streams": {
    status: 429,
    when: "too many streams of events are open",
    next: "close some",
    retryAfter: 15,
  },
  "headers-too-large": { status: 431, when: "the headers are larger than 16 KiB", next: "send fewer" },
  internal: { status: 500, when: "the service has a bug", next: "report it, with its log" },
  closed: { status: 503, when: "the service has stopped", next: "repeat once it is back", retryAfter: 5 },
  "docker-down": { status: 503, when: "Docker does not answer", next: "start it, then repeat", retryAfter: 5 },
  draining: { status: 503, when: "the service takes no new task", next: "repeat later", retryAfter: 5 },
  "issuer-unreachable": {
    status: 503,
    when: "the provider's keys are not to be had",
    next: "repeat later",
    retryAfter: 5,
  },
  "no-leader": { status: 503, when: "no node leads at present", next: "repeat in a moment", retryAfter: 1 },
  "queue-full": { status: 503, when: "too much waits", next: "repeat later", retryAfter: 5 },
  "storage-away": { status: 503, when: "the database does not answer", next: "repeat later", retryAfter: 5 },
  "storage-broken": { status: 503, when: "the storage cannot go on", next: "start the service anew", retryAfter: 5 },
  unhealthy: { status: 503, when: "GET /health: no new task is taken", next: "read data.reasons" },
  "disk-full": { status: 507, when: "the disk is full", next: "make room, then repeat", retryAfter: 5 },
} as const satisfies Record<string, ErrorMeaning>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const ERROR_CODE_NAMES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

/** What a code means. */
export function meaningOf(code: ErrorCode): ErrorMeaning {
  return ERROR_CODES[code];
}

/** Whether requests can be refused with a code; others only end tasks. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
