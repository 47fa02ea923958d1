import { z } from "zod";
import { leaf } from "./leaf";

/** A NATS name without separators: stream or consumer. */
export function natsName() {
  return leaf(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), {
    kind: "NATS name",
    allowed: "1 to 64 letters, digits, '_' and '-'",
  });
}

/** A NATS user: nats.conf names a variable after it. */
export function natsUser() {
  return leaf(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), {
    kind: "NATS user",
    allowed: "1 to 32 lower-case letters, digits and '_', beginning with a letter",
  });
}

/** A NATS subject; wildcards `*` and `>` stand alone between dots, `>` last. */
export function natsSubject() {
  return leaf(
    z
      .string()
      .max(255)
      .regex(/^([A-Za-z0-9_$-]+|\*)(\.([A-Za-z0-9_$-]+|\*))*(\.>)?$/),
    {
      kind: "NATS subject",
      allowed: "a subject such as noetl.commands.shared.>, tokens between dots, '*' or a final '>' as wildcards",
    },
  );
}

/** One token of a NATS subject. */
export function natsToken() {
  return leaf(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), {
    kind: "segment",
    allowed: "1 to 64 letters, digits, '_' and '-'",
  });
}

/** A path of the NoETL catalog. */
export function catalogPath() {
  return leaf(
    z
      .string()
      .max(255)
      .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/),
    {
      kind: "catalog path",
      allowed: "a path such as subscriptions/iot_sensor_stream, without '/' at its ends",
    },
  );
}
