import { z } from "zod";
import { bytes, httpUrl, image, line, pem, port, resources, secretKey, secretName, whole } from "./fields";

const ROLES = ["viewer", "operator", "approver", "admin"] as const;

/** A variable that holds a credential of a backend or a cloud. */
const variableName = () =>
  z
    .string()
    .regex(/^(?!PULUMI_|NODE_|NOETL_|LD_|(KUBECONFIG|HOME|PATH)$)[A-Z][A-Z0-9_]{0,127}$/)
    .meta({
      kind: "variable",
      allowed: "capital letters, digits and '_', such as AWS_SECRET_ACCESS_KEY; none of Pulumi's",
    });

const hash = () =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ kind: "hash", allowed: "the 64 hexadecimal digits that noetl-ops orchestrator token prints" });

const personName = () =>
  z
    .string()
    .regex(/^[\w.@-]{1,100}$/)
    .meta({ kind: "name", allowed: "1 to 100 letters, digits, '_', '.', '@' and '-'" });

const backend = () =>
  z
    .string()
    .max(1000)
    .regex(
      /^((https|gs|s3|azblob):\/\/[A-Za-z0-9][\w.-]*(:\d{1,5})?(\/[\w./~-]*)?(\?[\w=&.,:/%-]*)?|file:\/\/\/data\/[\w./-]*)$/,
    )
    .refine((text) => !text.includes(".."))
    .meta({
      kind: "backend",
      allowed:
        "https://api.pulumi.com, gs://BUCKET, s3://BUCKET?region=…, azblob://CONTAINER, or file:///data/state on the pod's own volume",
    });

const oidc = z
  .strictObject({
    issuer: httpUrl().describe("The provider, letter by letter as its tokens say it in `iss`."),
    audience: line(255).describe("Whom its tokens must be made for: the client's id there."),
    rolesClaim: line(255).optional().describe("Claim with the roles, such as `realm_access.roles`."),
    roles: z
      .array(
        z
          .strictObject({
            value: line(255).describe("A value of that claim."),
            role: z.enum(ROLES).describe("What it stands for."),
          })
          .describe("A role."),
      )
      .max(100)
      .default([])
      .describe("What values of that claim stand for. Without any, they are the names of roles."),
    nameClaim: line(255).optional().describe("Claim that names a person. Default: `sub`."),
  })
  .describe("An OpenID provider whose tokens are taken: docs/orchestrator-sign-in.md.");

const pulumi = z
  .strictObject({
    backend: backend().describe(
      "Where the state of the stacks is (PULUMI_BACKEND_URL): the same that people use who run `pulumi up` themselves.",
    ),
    passphrase: z
      .boolean()
      .default(true)
      .describe("Whether the stacks are encrypted by `secrets.pulumiPassphrase`; `false` where a key service does it."),
    rights: z
      .enum(["platform", "clusterAdmin"])
      .default("platform")
      .describe(
        "What its account may do in the cluster. `platform`: change what this platform has in its own namespaces. `clusterAdmin`: everything, which other platforms in this cluster and new versions of the charts of KEDA and cert-manager need.",
      ),
    googleAccount: line(255)
      .optional()
      .describe("E-mail address of the Google service account that its pod is, by Workload Identity."),
    variables: z
      .array(
        z
          .strictObject({
            variable: variableName().describe("Name of the variable."),
            secret: secretName().describe("Secret in namespace noetl that holds the value; it must exist."),
            key: secretKey().describe("Key of the value in that Secret."),
          })
          .describe("One credential."),
      )
      .max(50)
      .default([])
      .describe("Credentials of other backends and clouds, from Secrets."),
  })
  .describe("Updates by Pulumi. Without this key it only previews, and may do nothing in the cluster.");

const surrealName = () =>
  z
    .string()
    .regex(/^[A-Za-z]\w{0,63}$/)
    .meta({ kind: "name", allowed: "a letter, and up to 63 letters, digits and '_' more" });

const surrealdb = z
  .strictObject({
    url: z
      .string()
      .regex(/^wss?:\/\/[^\s/@?#]+$/)
      .refine((text) => URL.canParse(text))
      .meta({
        kind: "URL",
        allowed: "ws:// or wss://, host and port, such as ws://surrealdb.surrealdb.svc:8000, without user and password",
      })
      .describe("The server."),
    namespace: surrealName().default("orchestrator").describe("Namespace there."),
    database: surrealName().default("tasks").describe("Database there."),
    username: personName().describe("User there, with `secrets.surrealdbPassword`."),
    ca: pem().optional().describe("CAs that its certificate is checked by, with wss. Default: public ones."),
  })
  .describe(
    "A SurrealDB server, version 3, that keeps tasks and logs (`--storage surrealdb-server`), and that is yours to run. Without this key they are on a volume.",
  );

export const orchestratorSchema = z
  .strictObject({
    image: image().describe("Image of the Dockerfile, with your stack files, which you build and push."),
    port: port().default(8080).describe("Port of the API."),
    statusPort: port().default(9090).describe("Port of probes and metrics, which asks for no token."),
    replicas: whole(1, 20)
      .default(1)
      .describe("Pods that share the work: docs/orchestrator-nodes.md. Several need `surrealdb`."),
    storage: bytes()
      .default("10Gi")
      .describe("Size of the volume with tasks and their logs, which there is without `surrealdb`."),
    surrealdb: surrealdb.optional(),
    allowStacks: z
      .array(line(100))
      .max(100)
      .default([])
      .describe("Stacks that may be worked on, `*` for any letters. Default: all of the image."),
    concurrency: whole(1, 100).default(4).describe("Tasks that run at once, in each pod."),
    drain: whole(0, 3600)
      .default(240)
      .describe("Seconds that tasks may run on once the pod is to end; 75 more are for what must be stored."),
    rate: whole(1, 1_000_000).optional().describe("Requests a second of each token. Default: no limit."),
    tokens: z
      .array(
        z
          .strictObject({
            name: personName().describe("Whose it is; stands in the history of what they do."),
            role: z.enum(ROLES).describe("What they may do: docs/orchestrator.md."),
            sha256: hash().describe("Hash of the token; it is no secret."),
          })
          .describe("An entry as `noetl-ops orchestrator token` prints it."),
      )
      .max(1000)
      .default([])
      .describe("Who may ask. Either this or `oidc`, or both."),
    oidc: oidc.optional(),
    pulumi: pulumi.optional(),
    resources: resources({
      requests: { cpu: "250m", memory: "512Mi" },
      limits: { cpu: "2", memory: "4Gi" },
    }),
  })
  .optional()
  .describe("The provisioning orchestrator in the cluster. Without this key there is none.");
