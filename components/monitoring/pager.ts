import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { labels } from "../kubernetes/labels";
import { alertmanagerConfig, CONFIG_KEY, type PagerFacts } from "./alertmanager";

/** Namespace that Google Managed Prometheus reads its settings in; it is there wherever that is. */
export const GMP_PUBLIC = "gmp-public";

/** Labels that tell series and alerts of one cluster from those of others. */
export interface ExternalLabels {
  cluster: string;
  location: string;
  project_id: string;
}

/** Which Alertmanager gets the configuration. */
export type PagerPlace =
  | {
      /** The managed one of Google Managed Prometheus. */
      kind: "gmp";
      /** Default: those that Google finds out itself. */
      externalLabels?: ExternalLabels | undefined;
    }
  | {
      /** One of the Prometheus Operator, or any that reads a Secret. */
      kind: "prometheusOperator";
      /** Namespace of the Alertmanager object. */
      namespace: string;
      /** Its name: it reads Secret `alertmanager-NAME`. */
      name: string;
    };

export interface PagerArgs extends Omit<PagerFacts, "pagerDuty" | "slack"> {
  place: PagerPlace;
  pagerDuty?: { routingKey: pulumi.Input<string>; url?: string | undefined } | undefined;
  slack?: { webhookUrl: pulumi.Input<string>; channel: string } | undefined;
}

/**
 * Brings alerts to people: the Secret with the Alertmanager's configuration, in which the receivers' keys stand, and with
 * Google Managed Prometheus a patch of its OperatorConfig that names the Secret.
 *
 * The OperatorConfig belongs to the cluster, which made it: it is patched by server-side apply under a field manager of its
 * own, never created, and a field that somebody else has set is a conflict, not overwritten. `pulumi destroy` takes back the
 * fields that are set here and leaves the object and everybody else's fields as they are.
 */
export class Pager extends pulumi.ComponentResource {
  constructor(name: string, args: PagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:monitoring:Pager", name, {}, opts);
    const { place } = args;
    const { namespace, secret } = secretOf(place);
    const config = new k8s.core.v1.Secret(
      secret,
      {
        metadata: { name: secret, namespace, labels: labels({ app: "noetl", component: "pager" }) },
        stringData: pulumi.secret({ [CONFIG_KEY]: configText(args) }),
      },
      { parent: this },
    );
    if (place.kind === "gmp") {
      const patch = operatorConfigPatch(secret, place.externalLabels);
      new k8s.apiextensions.CustomResourcePatch("operator-config", patch, { parent: this, dependsOn: [config] });
    }
    this.registerOutputs();
  }
}

/** Where the configuration lies. */
function secretOf(place: PagerPlace): { namespace: string; secret: string } {
  return place.kind === "gmp"
    ? { namespace: GMP_PUBLIC, secret: "alertmanager" }
    : { namespace: place.namespace, secret: `alertmanager-${place.name}` };
}

function configText({ pagerDuty, slack, ...facts }: PagerArgs): pulumi.Output<string> {
  return pulumi.all([pagerDuty?.routingKey, slack?.webhookUrl]).apply(([routingKey, webhookUrl]) =>
    alertmanagerYaml({
      ...facts,
      ...(pagerDuty && { pagerDuty: { ...pagerDuty, routingKey: routingKey ?? "" } }),
      ...(slack && { slack: { ...slack, webhookUrl: webhookUrl ?? "" } }),
    }),
  );
}

/** The configuration as an Alertmanager reads it. */
export function alertmanagerYaml(facts: PagerFacts): string {
  return stringify(alertmanagerConfig(facts), { lineWidth: 0 });
}

/** What is set of the OperatorConfig; its fields stand at the top, it has no `spec`. */
export function operatorConfigPatch(
  secret: string,
  externalLabels: ExternalLabels | undefined,
): k8s.apiextensions.CustomResourcePatchArgs {
  const own = externalLabels && { externalLabels: { ...externalLabels } };
  return {
    apiVersion: "monitoring.googleapis.com/v1",
    kind: "OperatorConfig",
    metadata: {
      name: "config",
      namespace: GMP_PUBLIC,
      annotations: { "pulumi.com/patchFieldManager": "noetl-pager" },
    },
    managedAlertmanager: { configSecret: { name: secret, key: CONFIG_KEY } },
    ...(own && { collection: own, rules: own }),
  };
}
