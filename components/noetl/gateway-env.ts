import { fromSecret, literal, type EnvVar } from "../kubernetes/env";
import type { RuntimeSecretKeys } from "./runtime-secrets";

/** The gateway's settings; each is a variable that it reads. Durations are seconds. */
export interface GatewaySettings {
  port: number;
  /** URL under which clients reach it. Default: none. */
  publicUrl?: string | undefined;
  /** Lets any session token pass, without asking the login playbooks. For tests alone. */
  authBypass: boolean;
  /** Whether it takes pushes at /ingress/LISTENER, for which it needs the internal API token. */
  pushIngress: boolean;
  /** Origins of web pages that may call it. Default: the gateway's own, some ports of localhost. */
  corsOrigins: readonly string[];
  updatesSubjectPrefix: string;
  callbackSubjectPrefix: string;
  /** JetStream key-value buckets, which the gateway makes, and how long their entries live. */
  sessions: { bucket: string; ttl: number };
  requests: { bucket: string; ttl: number };
  /** Playbooks that log people in. */
  authPlaybooks: { login: string; validateSession: string; checkAccess: string; timeout: number };
  /** What clients are told of the Auth0 application; the gateway itself does not use it. Default: nothing. */
  auth0?:
    { domain: string; clientId: string; redirectUri?: string | undefined; audience?: string | undefined } | undefined;
}

/** Everything the environment of a gateway is made of. */
export interface GatewayEnvironment {
  settings: GatewaySettings;
  /** Base URL of the NoETL server. */
  serverUrl: string;
  /** User at NATS. */
  natsUser: string;
  secrets: RuntimeSecretKeys;
  /** Path of its configuration file. Default: none. */
  configFile?: string | undefined;
}

/** The environment of a gateway. */
export function gatewayEnv({ settings, serverUrl, natsUser, secrets, configFile }: GatewayEnvironment): EnvVar[] {
  const { authPlaybooks, auth0, sessions, requests } = settings;
  return [
    literal("ROUTER_PORT", settings.port),
    literal("NOETL_BASE_URL", serverUrl),
    ...given("GATEWAY_CONFIG", configFile),
    // The published gateway logs in with what stands in the URL; the two below it reads and does not use.
    fromSecret("NATS_URL", secrets.natsUrl),
    literal("NATS_USERNAME", natsUser),
    fromSecret("NATS_PASSWORD", secrets.natsPassword),
    literal("NATS_UPDATES_SUBJECT_PREFIX", settings.updatesSubjectPrefix),
    literal("NATS_CALLBACK_SUBJECT_PREFIX", settings.callbackSubjectPrefix),
    literal("NATS_SESSION_BUCKET", sessions.bucket),
    literal("NATS_SESSION_CACHE_TTL_SECS", sessions.ttl),
    literal("NATS_REQUEST_BUCKET", requests.bucket),
    literal("NATS_REQUEST_TTL_SECS", requests.ttl),
    ...given("CORS_ALLOWED_ORIGINS", settings.corsOrigins.length === 0 ? undefined : settings.corsOrigins.join(",")),
    literal("AUTH_PLAYBOOK_LOGIN", authPlaybooks.login),
    literal("AUTH_PLAYBOOK_VALIDATE_SESSION", authPlaybooks.validateSession),
    literal("AUTH_PLAYBOOK_CHECK_ACCESS", authPlaybooks.checkAccess),
    literal("AUTH_PLAYBOOK_TIMEOUT_SECS", authPlaybooks.timeout),
    ...given("GATEWAY_AUTH0_DOMAIN", auth0?.domain),
    ...given("GATEWAY_AUTH0_CLIENT_ID", auth0?.clientId),
    ...given("GATEWAY_AUTH0_REDIRECT_URI", auth0?.redirectUri),
    ...given("GATEWAY_AUTH0_AUDIENCE", auth0?.audience),
    // The charts of old say true, which lets everybody in.
    literal("GATEWAY_AUTH_BYPASS", settings.authBypass),
    ...given("GATEWAY_PUBLIC_URL", settings.publicUrl),
    ...(settings.pushIngress ? [fromSecret("NOETL_INTERNAL_API_TOKEN", secrets.internalApiToken)] : []),
  ];
}

function given(name: string, value: string | undefined): EnvVar[] {
  return value === undefined ? [] : [literal(name, value)];
}
