import { z } from "zod";
import { IMAGES } from "../versions";
import {
  host,
  httpUrl,
  image,
  line,
  natsName,
  natsSubject,
  objectName,
  origin,
  port,
  resources,
  whole,
} from "./fields";

/** A bucket in JetStream, and how long its entries live. */
function bucket(name: string, ttl: number, variables: string) {
  return z
    .strictObject({
      bucket: natsName().default(name).describe(`Name of the bucket (${variables}_BUCKET).`),
      ttl: whole(1, 86400).default(ttl).describe(`Seconds an entry lives; fixed when the bucket is made.`),
    })
    .prefault({});
}

function playbook(path: string) {
  return line(255).default(path);
}

export const gatewaySchema = z
  .strictObject({
    name: objectName()
      .default("noetl-gateway")
      .describe("Name of the Deployment and Service; the validation rigs look for `noetl-gateway`."),
    image: image().default(IMAGES.noetlGateway).describe("NoETL gateway image."),
    replicas: whole(1, 100)
      .default(1)
      .describe(
        "Pods. With several, a result that a worker hands in over HTTP reaches only those who are connected to the same pod.",
      ),
    port: port().default(8090).describe("HTTP port (ROUTER_PORT)."),
    publicUrl: httpUrl().optional().describe("URL under which clients reach it (GATEWAY_PUBLIC_URL)."),
    authBypass: z
      .boolean()
      .default(false)
      .describe("Let any session token pass (GATEWAY_AUTH_BYPASS). For tests, never in production."),
    pushIngress: z
      .boolean()
      .default(false)
      .describe(
        "Take pushes at /ingress/LISTENER. For that the gateway gets the internal API token (NOETL_INTERNAL_API_TOKEN).",
      ),
    corsOrigins: z
      .array(origin())
      .max(100)
      .default([])
      .describe(
        "Origins of web pages that may call it (CORS_ALLOWED_ORIGINS). Without any, the gateway allows its own: ports 3000, 8080 and 8090 of localhost.",
      ),
    updatesSubjectPrefix: line(255)
      .default("playbooks.executions.")
      .describe("What the subjects of news about executions begin with (NATS_UPDATES_SUBJECT_PREFIX)."),
    callbackSubjectPrefix: natsSubject()
      .default("noetl.callbacks")
      .describe("What the subjects of playbooks' answers begin with (NATS_CALLBACK_SUBJECT_PREFIX)."),
    sessions: bucket("sessions", 300, "NATS_SESSION").describe("Who is logged in, in a JetStream key-value bucket."),
    requests: bucket("requests", 1800, "NATS_REQUEST").describe("Who waits for what, in a JetStream key-value bucket."),
    authPlaybooks: z
      .strictObject({
        login: playbook("api_integration/auth0/auth0_login").describe("Logs somebody in (AUTH_PLAYBOOK_LOGIN)."),
        validateSession: playbook("api_integration/auth0/auth0_validate_session").describe(
          "Tells whose a session is (AUTH_PLAYBOOK_VALIDATE_SESSION).",
        ),
        checkAccess: playbook("api_integration/auth0/check_playbook_access").describe(
          "Tells whether somebody may run a playbook (AUTH_PLAYBOOK_CHECK_ACCESS).",
        ),
        timeout: whole(1, 600).default(12).describe("Seconds until they fail (AUTH_PLAYBOOK_TIMEOUT_SECS)."),
      })
      .prefault({})
      .describe("Paths of the playbooks that log people in; they must be in the catalog."),
    auth0: z
      .strictObject({
        domain: host().describe("Tenant (GATEWAY_AUTH0_DOMAIN)."),
        clientId: line(255).describe("Application (GATEWAY_AUTH0_CLIENT_ID)."),
        redirectUri: httpUrl().optional().describe("Where a login returns to (GATEWAY_AUTH0_REDIRECT_URI)."),
        audience: line(255).optional().describe("API of access tokens (GATEWAY_AUTH0_AUDIENCE)."),
      })
      .optional()
      .describe("What clients are told of the Auth0 application, at /api/runtime/contract."),
    resources: resources({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    }),
  })
  .optional()
  .describe("The gateway: the way in for people and their web pages. Without this key there is none.");
