import type { Client, EnvironmentDetails, EnvironmentView } from "../../orchestrator/client";
import type { Common } from "../service-client";

/** Address of an environment. */
export const ONE = "/test/environments/{id}";

/** Runs tests in an environment, and prints what they tell; exit code 1 where one fails. */
export async function run(client: Client, id: string, body: object, { json }: Common): Promise<void> {
  const { data } = await client.post("/test/environments/{id}/run", { path: { id }, body });
  if (data.task_id !== null) await follow(client, data.task_id, json === true);
  if (json !== true) return;
  const { data: view } = await client.get(ONE, { path: { id } });
  process.stdout.write(`${JSON.stringify(view.tests)}\n`);
}

/** Prints what a task tells until it has ended. */
export async function follow(client: Client, id: string, isQuiet: boolean): Promise<void> {
  for await (const { text } of client.logs(id, true)) if (!isQuiet) process.stdout.write(`${text}\n`);
  const { data: task } = await client.get("/tasks/{id}", { path: { id } });
  if (task.status === "Completed") return;
  process.exitCode = 1;
  const { code, message } = task.error ?? { code: "stopped", message: "its task was stopped" };
  process.stderr.write(`${task.status}: ${message} [${code}]\n`);
}

/** An environment in a line. */
export function summary({ id, name, status, template, type, expires_at: expires }: EnvironmentView): string {
  return [id, status.padEnd(8), (template ?? type).padEnd(18), `until ${expires}`, name === id ? "" : name]
    .join("  ")
    .trim();
}

/** An environment with its containers, and what is to be known. */
export function detailsText(details: EnvironmentDetails): string {
  const { containers, notices, subnet, error } = details;
  return [
    summary(details),
    ...(subnet === null ? [] : [`  subnet ${subnet}`]),
    ...(containers ?? []).map(({ name, state, address }) => `  ${name}  ${state}  ${address ?? ""}`.trimEnd()),
    ...(containers === null ? ["  Docker does not answer: what its containers do is not known"] : []),
    ...notices.map((notice) => `  notice: ${notice}`),
    ...(error === null ? [] : [`  ${error.code}: ${error.message}`]),
    "",
  ].join("\n");
}
