import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../../components/kubernetes/namespaces";
import { NetworkPolicies } from "../../components/network/network-policies";
import type { PlatformSpec } from "../profile";
import { flowsOf } from "./flows";

/** Who may connect to whom, unless the stack leaves that open. */
export function networkPolicies(
  spec: PlatformSpec,
  namespaces: Namespaces,
  opts: pulumi.ComponentResourceOptions,
): void {
  if (spec.networkPolicy.mode === "off") return;
  new NetworkPolicies("network", { namespaces: namespaces.all, flows: flowsOf(spec) }, opts);
}
