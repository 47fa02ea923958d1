import { PermanentError } from "../tasks/errors";

/** What a request for a test environment is refused for, or why its task failed for good; the API answers by it. */
export type EnvironmentErrorCode =
  | "environment-unknown"
  | "name-taken"
  | "template-unknown"
  | "template-invalid"
  | "topology-invalid"
  | "subnet-taken"
  | "no-subnet-left"
  | "limit-above-host"
  | "privileged-refused"
  | "image-unknown"
  | "image-missing"
  | "out-of-memory"
  | "container-ended"
  | "not-healthy"
  | "docker-none"
  | "docker-refused"
  | "tests-unknown"
  | "tests-failed"
  | "wrong-state";

/** A mistake that another attempt would meet again. */
export class EnvironmentError extends PermanentError {
  /** @param field The field of the request that is to blame, as `config.topology.network.subnet`. */
  constructor(
    override readonly code: EnvironmentErrorCode,
    message: string,
    readonly field?: string,
  ) {
    super(code, message);
  }
}

/** Docker does not answer: another attempt may find it back. */
export class DockerDown extends Error {
  override readonly name = "DockerDown";
  readonly code = "docker-down";
}

/** A registry that does not answer: another attempt may find it back. */
export class PullFailed extends Error {
  override readonly name = "PullFailed";
  readonly code = "image-pull-failed";
}
