import { z } from "zod";
import { isPinned } from "../../../components/kubernetes/image";
import { leaf } from "./leaf";

/** A Kubernetes object name: a DNS label. */
export function objectName() {
  // A label holds 63 characters, and a StatefulSet puts its name, '-' and a hash of 10 into one of each pod.
  return leaf(z.string().regex(/^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/), {
    kind: "name",
    allowed: "1 to 52 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** A name that others are made of, such as a region: a short DNS label. */
export function shortName() {
  return leaf(z.string().regex(/^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/), {
    kind: "short name",
    allowed: "1 to 30 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** A container image with an explicit tag or digest. */
export function image() {
  return leaf(z.string().refine(isPinned), {
    kind: "image",
    allowed:
      "an image with a tag or digest, such as ghcr.io/noetl/server:3.39.3 or registry/name@sha256:…; not :latest",
  });
}

/** Variables that workers read for themselves. */
const OF_WORKERS =
  "(NATS|WORKER|NOETL_(INTERNAL|IPC|KEYCHAIN|MATERIALIZER|STATE_BUILDER|TLS|WORKER))_|NOETL_(SERVER_URL|RUN_MODE|DATA_DIR|STATE_BUILDER|SUBSCRIPTION_PATH)$|(RUST_LOG|TZ|HOME|PATH|PYTHONPATH)$";

/** The name of an environment variable that holds a credential: none that workers read for themselves. */
export function envName() {
  return leaf(z.string().regex(new RegExp(`^(?!${OF_WORKERS})[A-Z][A-Z0-9_]{0,127}$`)), {
    kind: "variable",
    allowed: "capital letters, digits and '_', such as NOETL_FLIGHT_BEARER_TOKEN; no variable of the worker itself",
  });
}

/** The name of a Secret. */
export function secretName() {
  return leaf(
    z
      .string()
      .max(253)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/),
    {
      kind: "Secret name",
      allowed: "lower-case letters, digits, '-' and '.', such as noetl-flight-bearer",
    },
  );
}

/** A key of a Secret. */
export function secretKey() {
  return leaf(z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/), {
    kind: "Secret key",
    allowed: "1 to 253 letters, digits, '-', '_' and '.'",
  });
}

/** A label of a Kubernetes object and its value. */
export function label() {
  return leaf(
    z
      .string()
      .regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?=[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/),
    {
      kind: "label",
      allowed: "NAME=VALUE, such as app=prometheus or app.kubernetes.io/name=prometheus",
    },
  );
}

/** An absolute path inside a container. */
export function filePath() {
  return leaf(z.string().regex(/^\/(?!.*\.\.)[A-Za-z0-9._/-]+$/), {
    kind: "path",
    allowed: "an absolute path such as /etc/noetl/token, without '..'",
  });
}
