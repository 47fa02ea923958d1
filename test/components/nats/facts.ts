import type { NatsFacts } from "../../../components/nats/facts";

/** A NATS cluster as the kind environment has it. */
export const FACTS: NatsFacts = {
  name: "nats",
  namespace: { name: "nats", created: "nats" },
  image: "docker.io/library/nats:2.12.2-alpine",
  replicas: 1,
  probes: "quorum",
  spread: "preferred",
  storage: { size: "8Gi" },
  jetstream: { memory: "1Gi", file: "5Gi" },
  maxPayload: "1Mi",
  resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: 1, memory: "2Gi" } },
};

/** A cluster of three servers. */
export const CLUSTER_FACTS: NatsFacts = { ...FACTS, replicas: 3 };

/** Passwords that are something else to nats-server unless they are quoted, and what only escapes can carry. */
export const TORTURE = [
  "12345",
  "5k",
  "5GB",
  "1.5",
  "-x",
  "-1",
  "true",
  "off",
  "2026-01-01",
  "2026-01-01T00:00:00Z",
  "a b",
  " leading and trailing ",
  "it's",
  '"q"',
  '"',
  "back\\slash",
  "\\",
  "\\x41",
  "\\n",
  "has,comma",
  "semi;colon",
  "#hash",
  "//comment",
  "$x",
  "$POD_NAME",
  "$2a",
  "{}",
  "}",
  "[1]",
  "(",
  "include",
  "key: value",
  "uni✓code",
  "\u{1f511}",
  "\u0080\u00ff",
  "\u2028",
  "two\nlines",
  "carriage\rreturn",
  "tab\tstop",
  "\u0000nul",
  "\u0001\u001f\u007f",
];
