import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import { podMonitoring, rules } from "./gmp-manifests";
import type { RuleGroup } from "./rules";
import type { Runbooks } from "./rules-file";
import type { ScrapeFacts } from "./scrape";

/** What is watched, and what somebody is told of; the same for every kind of monitoring. */
export interface MonitoringArgs {
  /** Of the platform: rules of scope `namespace` see what is scraped there. */
  namespace: Namespace;
  scrapes: readonly ScrapeFacts[];
  groups: readonly RuleGroup[];
  /** Where the pages of docs/runbooks can be read. Default: alerts name the page's path in this repository. */
  runbooks?: Runbooks | undefined;
}

/**
 * Google Managed Prometheus watches the platform. The cluster has its collectors and rule evaluator already; this tells
 * them what to do:
 *
 * 1. a PodMonitoring for each scrape; one over TLS needs a right of the collectors to read its Secrets, see MutualTls;
 * 2. Rules for each group that sees its namespace only, ClusterRules for each that sees others.
 */
export class GmpMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:monitoring:GmpMonitoring", name, {}, opts);
    const { namespace, scrapes, groups, runbooks = {} } = args;
    const child = { parent: this };
    for (const scrape of scrapes) {
      new k8s.apiextensions.CustomResource(`scrape-${scrape.name}`, podMonitoring(scrape), child);
    }
    for (const group of groups) {
      new k8s.apiextensions.CustomResource(`rules-${group.name}`, rules(group, namespace, runbooks), child);
    }
    this.registerOutputs();
  }
}
