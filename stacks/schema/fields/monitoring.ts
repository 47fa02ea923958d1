import { z } from "zod";
import { leaf } from "./leaf";

/** An expression of PromQL, which may have several lines; what it says is checked by the rules of monitoring. */
export function promql() {
  return leaf(z.string().min(1).max(5000), { kind: "PromQL", allowed: "an expression of at most 5000 characters" });
}

/** Name of a label of Prometheus or Kubernetes; which of them are legal where, the rules of monitoring tell. */
export function labelName() {
  return leaf(z.string().regex(/^[A-Za-z_][A-Za-z0-9_./-]{0,127}$/), {
    kind: "label",
    allowed: "letters, digits, '_', '.', '/' and '-', beginning with a letter",
  });
}
