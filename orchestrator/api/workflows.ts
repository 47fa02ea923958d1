import { z } from "zod";
import { LAYER_NAMES } from "../engine/layers";
import type { StackFolder } from "../engine/stack-folder";
import { withoutSecrets } from "../redact";
import { OPERATIONS, type Operation, type WorkflowKind } from "../tasks/kinds";
import type { JsonObject } from "../tasks/json";
import type { Submission } from "../tasks/submission";
import { apiErrorOf, ApiError } from "./problem";
import { OPERATION_NAMES } from "./task-view";

/** The longest time that a task may take or wait for: 30 days. */
const LONGEST_SECONDS = 30 * 24 * 60 * 60;

const common = {
  infra: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, "must be the name of a stack: letters, digits and _ . - only")
    .describe("The stack, as production for Pulumi.production.yaml."),
  settings: z
    .string()
    .regex(/^[^\p{Cc}]{1,500}$/u, "must be a path of 1 to 500 letters")
    .refine((text) => withoutSecrets(text) === text, "looks like a secret, and it is kept")
    .optional()
    .describe("Stack file below the project folder. Default: Pulumi.<infra>.yaml."),
  operation: z.enum(OPERATION_NAMES).exclude(["test"]).default("create"),
  check_mode: z.boolean().default(false).describe("Only preview the operation."),
  wait: z.boolean().default(false).describe("Answer once the task has ended, or after wait_seconds."),
  wait_seconds: z.int().min(1).max(300).default(60),
  require_approval: z
    .boolean()
    .default(false)
    .describe("First a preview, as a task of its own; the operation waits for it, and for a person's approval."),
  name: z
    .string()
    .regex(/^[^\p{Cc}]{1,200}$/u, "must be 1 to 200 letters")
    .describe("For people; what looks like a secret is taken out.")
    .transform(withoutSecrets)
    .optional(),
  priority: z.int().min(0).max(9).optional().describe("Greater is more urgent. Default: 5."),
  retries: z.int().min(0).max(100).optional().describe("Further attempts after one that failed. Default: 3."),
  timeout_seconds: z.int().min(1).max(LONGEST_SECONDS).optional().describe("Of one attempt. Default: 3600."),
  not_before: z.iso.datetime({ offset: true }).optional().describe("Not to be run before. Default: at once."),
  depends_on: z
    .array(z.string().regex(/^[\w-]{1,100}$/, "must be the id of a task"))
    .max(100)
    .default([]),
};

const serverName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, "must be the name of a cluster or node pool");

const dependents = z
  .boolean()
  .default(false)
  .describe("Destroy what needs it, too. Default: a destroy is refused as long as others need it.");

/** Bodies of the workflows. */
export const BODIES = {
  servers: z.strictObject({
    ...common,
    servers: z.array(serverName).max(100).default([]).describe("Clusters and node pools. Default: all of the stack."),
    dependents,
  }),
  taskserv: z.strictObject({
    ...common,
    taskserv: z.enum(LAYER_NAMES).describe("The layer of the platform; what it needs comes with it."),
    dependents,
  }),
  cluster: z.strictObject(common),
} as const satisfies Record<WorkflowKind, z.ZodType>;

/** A workflow of a batch. */
const batched = {
  ref: z
    .string()
    .regex(/^[\w-]{1,100}$/, "must be 1 to 100 letters, digits, _ or -")
    .optional()
    .describe("Its name in the batch, for depends_on of others."),
};
const { wait: _wait, wait_seconds: _seconds, ...ofBatch } = common;
const { not_before: _notBefore, depends_on: _dependsOn, ...ofSchedule } = ofBatch;

/** What a schedule submits again and again. */
export const scheduledBody = z.discriminatedUnion("workflow", [
  z.strictObject({ workflow: z.literal("servers"), ...ofSchedule, servers: BODIES.servers.shape.servers }),
  z.strictObject({ workflow: z.literal("taskserv"), ...ofSchedule, taskserv: BODIES.taskserv.shape.taskserv }),
  z.strictObject({ workflow: z.literal("cluster"), ...ofSchedule }),
]);

export const batchBody = z.strictObject({
  tasks: z
    .array(
      z.discriminatedUnion("workflow", [
        z.strictObject({
          workflow: z.literal("servers"),
          ...batched,
          ...ofBatch,
          servers: BODIES.servers.shape.servers,
          dependents,
        }),
        z.strictObject({
          workflow: z.literal("taskserv"),
          ...batched,
          ...ofBatch,
          taskserv: BODIES.taskserv.shape.taskserv,
          dependents,
        }),
        z.strictObject({ workflow: z.literal("cluster"), ...batched, ...ofBatch }),
      ]),
    )
    .min(1)
    .max(1000),
});

/** What all bodies have. */
interface Workflow {
  infra: string;
  settings?: string | undefined;
  operation: Operation;
  check_mode: boolean;
  require_approval: boolean;
  name?: string | undefined;
  priority?: number | undefined;
  retries?: number | undefined;
  timeout_seconds?: number | undefined;
  not_before?: string | undefined;
  depends_on?: readonly string[];
  ref?: string | undefined;
  servers?: readonly string[];
  taskserv?: string;
  dependents?: boolean;
}

/**
 * The tasks of a workflow; the last one is the one that was asked for.
 *
 * @param place Where the workflow stands in the request, for messages.
 * @throws ApiError for a stack or a file that is not to be had, and for what cannot be previewed
 */
export async function submissionsOf(
  kind: WorkflowKind,
  asked: Workflow,
  { stacks, key, place = "body" }: { stacks: StackFolder; key?: string; place?: string },
): Promise<Submission[]> {
  const { infra, settings, operation, servers, taskserv, dependents: withDependents } = asked;
  try {
    if (!stacks.isKnown(infra, settings)) await stacks.assertThere(infra, settings);
  } catch (error) {
    throw apiErrorOf(error, place) ?? error;
  }
  const input: JsonObject = { infra };
  if (settings !== undefined) input.settings = settings;
  if (servers) input.servers = [...servers];
  if (taskserv !== undefined) input.taskserv = taskserv;
  if (withDependents === true) input.dependents = true;
  const { writes } = OPERATIONS[operation];
  if (asked.check_mode || (asked.require_approval && writes)) assertPreviewable(operation, asked, place);
  const task: Submission = {
    kind,
    stack: infra,
    operation,
    input,
    name: asked.name,
    priority: asked.priority,
    retries: asked.retries,
    timeoutMs: asked.timeout_seconds === undefined ? undefined : asked.timeout_seconds * 1000,
    notBefore: asked.not_before === undefined ? undefined : Date.parse(asked.not_before),
    dependsOn: asked.depends_on ?? [],
    ref: asked.ref,
    key,
  };
  if (!asked.check_mode && operation !== "preview" && !(asked.require_approval && writes)) return [task];
  const previewed = operation === "preview" || operation === "drift" ? "create" : operation;
  const preview: Submission = { ...task, operation: "preview", input: { ...input, preview_of: previewed } };
  if (asked.check_mode || !writes) return [preview];
  const ref = `${asked.ref ?? place}/preview`;
  return [
    { ...preview, ref, key: key === undefined ? undefined : `${key}/preview` },
    { ...task, needsApproval: true, dependsOn: [...(asked.depends_on ?? []), ref] },
  ];
}

function assertPreviewable(operation: Operation, { check_mode: checked }: Workflow, place: string): void {
  if (operation !== "refresh" && !(checked && operation === "drift")) return;
  const message = `${operation} has no preview`;
  const path = `${place}.${checked ? "check_mode" : "require_approval"}`;
  throw new ApiError("invalid", `${path}: ${message}`, [{ path, message }]);
}
