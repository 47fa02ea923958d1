import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { MonitoringArgs } from "./gmp-monitoring";
import { type ChosenBy, podMonitor, prometheusRule } from "./operator-manifests";

export interface OperatorMonitoringArgs extends MonitoringArgs {
  /** Labels of every object, by which the Prometheus chooses them. Default: none more. */
  chosenBy?: ChosenBy | undefined;
}

/**
 * A Prometheus of the Prometheus Operator watches the platform, where there is no Google Managed Prometheus: a PodMonitor
 * for each scrape, a PrometheusRule for each group. The operator and its Prometheus must be there.
 */
export class OperatorMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: OperatorMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:monitoring:OperatorMonitoring", name, {}, opts);
    const { namespace, scrapes, groups, runbooks = {}, chosenBy = {} } = args;
    const child = { parent: this };
    for (const scrape of scrapes) {
      new k8s.apiextensions.CustomResource(`scrape-${scrape.name}`, podMonitor(scrape, chosenBy), child);
    }
    for (const group of groups) {
      const rule = prometheusRule(group, namespace, runbooks, chosenBy);
      new k8s.apiextensions.CustomResource(`rules-${group.name}`, rule, child);
    }
    this.registerOutputs();
  }
}
