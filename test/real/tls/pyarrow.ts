import { type Python, pythonWith } from "../support/pypi";

/** A Python with what serves Flight in the platform's Python server, and gRPC with BoringSSL behind it. */
export function pythonWithFlight(): Python | string {
  return pythonWith({ requirement: "pyarrow==26.0.1", module: "pyarrow.flight", whole: false });
}
