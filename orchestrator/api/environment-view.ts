import { z } from "zod";
import type { ContainerState } from "../environments/driver";
import { STATUSES, type EnvironmentRecord } from "../environments/record";
import { timeOf } from "./task-view";

const testResult = z.strictObject({
  name: z.string(),
  container: z.string(),
  passed: z.boolean(),
  exit_code: z.int().nullable().describe("Null: it took too long."),
  seconds: z.number(),
  output: z.string().describe("The end of what it printed, and why it failed."),
});

const containerView = z.strictObject({
  name: z.string(),
  node: z.string(),
  image: z.string(),
  state: z.string().describe("As Docker says: created, running, exited."),
  address: z.string().nullable(),
});

/** A test environment as it is answered. */
export const environmentView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    type: z.enum(["single_taskserv", "server_simulation", "cluster_topology"]),
    template: z.string().nullable(),
    infra: z.string().nullable(),
    status: z.enum(STATUSES),
    task_id: z.string().nullable().describe("The last task about it."),
    by: z.string(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().describe("It is removed then."),
    auto_start: z.boolean(),
    auto_cleanup: z.boolean(),
    subnet: z.string().nullable(),
    images: z.array(z.strictObject({ name: z.string(), id: z.string(), digest: z.string().nullable() })),
    notices: z.array(z.string()).describe("What should be known of it, as limits that cannot be enforced here."),
    tests: z.array(testResult).nullable().describe("Of the last run."),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  })
  .describe("A test environment.");
export type EnvironmentView = z.infer<typeof environmentView>;

export const environmentDetails = environmentView.extend({
  containers: z.array(containerView).nullable().describe("Null: Docker does not answer."),
});
export type EnvironmentDetails = z.infer<typeof environmentDetails>;

export function environmentViewOf(record: EnvironmentRecord): EnvironmentView {
  const { id, name, status, request, by, images, notices } = record;
  const { config } = request;
  return {
    id,
    name,
    type: config.type,
    template: config.type === "cluster_topology" ? (config.template ?? null) : null,
    infra: request.infra ?? null,
    status,
    task_id: record.task ?? null,
    by,
    created_at: timeOf(record.createdAt),
    expires_at: timeOf(record.expiresAt),
    auto_start: request.auto_start,
    auto_cleanup: request.auto_cleanup,
    subnet: record.subnet ?? null,
    images: images.map((image) => ({ name: image.name, id: image.id, digest: image.digest ?? null })),
    notices,
    tests: record.tests ?? null,
    error: record.error ?? null,
  };
}

export function environmentDetailsOf(
  record: EnvironmentRecord,
  containers: readonly ContainerState[] | undefined,
): EnvironmentDetails {
  return {
    ...environmentViewOf(record),
    containers:
      containers?.map(({ name, node, image, state, address }) => ({ name, node, image, state, address })) ?? null,
  };
}
