/** Where alerts go, and how they are bundled. */
export interface PagerFacts {
  /** Wakes somebody. */
  pagerDuty?: { routingKey: string; url?: string | undefined } | undefined;
  /** Tells a channel. */
  slack?: { webhookUrl: string; channel: string } | undefined;
  /** How long alerts of a group are waited for before the first notification: `30s`. */
  groupWait: string;
  /** How long until a group is told again that has changed: `5m`. */
  groupInterval: string;
  /** How long until it is told again that has not: `4h`. */
  repeatInterval: string;
}

/** The configuration of an Alertmanager, as far as it is used here. */
export interface AlertmanagerConfig {
  route: Route & Required<Pick<Route, "group_by" | "group_wait" | "group_interval" | "repeat_interval">>;
  receivers: Receiver[];
}

/** A branch of the routing tree: an alert goes to the first branch that matches, and on only with `continue`. */
export interface Route {
  receiver: string;
  /** `name="value"`. */
  matchers?: string[];
  continue?: boolean;
  group_by?: string[];
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  routes?: Route[];
}

export interface Receiver {
  name: string;
  pagerduty_configs?: PagerDutyConfig[];
  slack_configs?: SlackConfig[];
}

interface PagerDutyConfig {
  routing_key: string;
  url?: string;
  send_resolved: boolean;
  description: string;
  severity: string;
  class: string;
  component: string;
  client: string;
}

interface SlackConfig {
  api_url: string;
  channel: string;
  send_resolved: boolean;
  title: string;
  text: string;
}

/** Receivers' names. `default` has nobody behind it: what ends there is lost. */
export const RECEIVERS = {
  nobody: "default",
  flip: "noetl-flip-pager",
  critical: "noetl-critical",
  warning: "noetl-warning",
} as const;

/** Labels of alerts that watch the flip, and that page whoever is to turn it back. */
export const FLIP_LABELS = { noetl_io_flip_guardrail: "publish-only", severity: "critical" } as const;

/** Key of the Secret that an Alertmanager reads. */
export const CONFIG_KEY = "alertmanager.yaml";

/**
 * The routing tree of the platform: what guards the flip first, then each severity. Whoever is critical reaches all there
 * is; warnings go to the channel, or where there is none to the pager.
 */
export function alertmanagerConfig(facts: PagerFacts): AlertmanagerConfig {
  const { groupWait, groupInterval, repeatInterval } = facts;
  const everybody = integrations(facts);
  const channel = facts.slack ? integrations({ slack: facts.slack }) : everybody;
  return {
    route: {
      receiver: RECEIVERS.nobody,
      group_by: ["alertname", "cluster"],
      group_wait: groupWait,
      group_interval: groupInterval,
      repeat_interval: repeatInterval,
      routes: [
        { matchers: matchers(FLIP_LABELS), receiver: RECEIVERS.flip, continue: false },
        { matchers: matchers({ severity: "critical" }), receiver: RECEIVERS.critical, continue: false },
        { matchers: matchers({ severity: "warning" }), receiver: RECEIVERS.warning, continue: false },
      ],
    },
    receivers: [
      { name: RECEIVERS.nobody },
      { name: RECEIVERS.flip, ...everybody },
      { name: RECEIVERS.critical, ...everybody },
      { name: RECEIVERS.warning, ...channel },
    ],
  };
}

function integrations({ pagerDuty, slack }: Pick<PagerFacts, "pagerDuty" | "slack">): Omit<Receiver, "name"> {
  return {
    ...(pagerDuty && { pagerduty_configs: [pagerDutyConfig(pagerDuty)] }),
    ...(slack && { slack_configs: [slackConfig(slack)] }),
  };
}

function pagerDutyConfig({ routingKey, url }: NonNullable<PagerFacts["pagerDuty"]>): PagerDutyConfig {
  return {
    routing_key: routingKey,
    ...(url !== undefined && { url }),
    send_resolved: true,
    description: "{{ .GroupLabels.alertname }}: {{ .CommonAnnotations.summary }}",
    severity: "{{ .CommonLabels.severity }}",
    class: "{{ .GroupLabels.alertname }}",
    component: "{{ .CommonLabels.component }}",
    client: "noetl",
  };
}

function slackConfig({ webhookUrl, channel }: NonNullable<PagerFacts["slack"]>): SlackConfig {
  return {
    api_url: webhookUrl,
    channel,
    send_resolved: true,
    title: "{{ .Status }}: {{ .GroupLabels.alertname }} {{ .GroupLabels.cluster }}",
    text: "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ .Annotations.runbook_url }}{{ .Annotations.runbook }}\n{{ end }}",
  };
}

function matchers(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
}

/** Names of the receivers that an alert with these labels reaches, as an Alertmanager decides it. */
export function receiversFor({ route }: AlertmanagerConfig, labels: Readonly<Record<string, string>>): string[] {
  return reached(route, labels);
}

function reached(route: Route, labels: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  for (const branch of route.routes ?? []) {
    if (!(branch.matchers ?? []).every((matcher) => matches(matcher, labels))) continue;
    found.push(...reached(branch, labels));
    if (branch.continue !== true) break;
  }
  return found.length > 0 ? found : [route.receiver];
}

function matches(matcher: string, labels: Readonly<Record<string, string>>): boolean {
  const [, name = "", value = '""'] = /^(\w+)=(".*")$/.exec(matcher) ?? [];
  return (labels[name] ?? "") === JSON.parse(value);
}

/** Whether anybody stands behind a receiver. */
export function hasSomebody({ receivers }: AlertmanagerConfig, name: string): boolean {
  return receivers.some(
    (receiver) => receiver.name === name && (receiver.pagerduty_configs ?? receiver.slack_configs) !== undefined,
  );
}
