import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import { FirestoreAgent } from "../components/mcp/firestore-agent";
import { FIRESTORE_AGENT } from "../components/mcp/firestore-agent-manifests";
import { GeneratedPasswords } from "../components/secrets/material";
import type { PlatformSpec } from "./profile";

/** The Firestore agent with its database, where the stack has one. */
export function firestoreAgent(
  { firestoreAgent: agent, gcp }: PlatformSpec,
  namespaces: Namespaces,
  opts: pulumi.ComponentResourceOptions,
): void {
  if (!agent) return;
  if (!gcp) throw new Error("no Google Cloud project; the schema's rules demand one");
  const generated = new GeneratedPasswords(FIRESTORE_AGENT, { names: ["token"] }, opts);
  new FirestoreAgent(
    FIRESTORE_AGENT,
    {
      ...agent,
      namespace: namespaces.of("noetl"),
      project: gcp.project,
      location: agent.location ?? gcp.region,
      token: generated.of("token"),
    },
    opts,
  );
}
