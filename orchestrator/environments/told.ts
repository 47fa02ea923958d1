import type { Redactor } from "../redact";
import { secretsIn } from "../secret-fields";
import { DockerDown, EnvironmentError } from "./errors";
import type { EnvironmentRecord } from "./record";
import { createBody } from "./schema";

/** Knows what is secret of environments: what their requests have in secret fields, beside what is known of all. */
export function redactorOf(base: Redactor, environments: readonly Pick<EnvironmentRecord, "request">[]): Redactor {
  return base.with(environments.flatMap(({ request }) => secretsIn(createBody, request)));
}

/** An error whose message holds nothing secret: Docker's repeat what they were asked for. */
function cleanError(error: unknown, redactor: Redactor): unknown {
  if (!(error instanceof Error)) return error;
  const message = redactor.text(error.message);
  if (message === error.message) return error;
  if (error instanceof EnvironmentError) return new EnvironmentError(error.code, message, error.field);
  return error instanceof DockerDown ? new DockerDown(message) : new Error(message);
}

/** Does something whose error is cleaned. */
export async function cleanly<T>(redactor: Redactor, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw cleanError(error, redactor);
  }
}
