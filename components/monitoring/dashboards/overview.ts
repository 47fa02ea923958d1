import { JOBS } from "../monitored";
import { type Dashboard, p95, perSecond } from "./model";

/** Whether the platform is well, at a glance. */
export const OVERVIEW: Dashboard = {
  uid: "noetl-overview",
  title: "NoETL / Platform",
  description: "Whether executions start, events arrive and commands get done.",
  panels: [
    {
      title: "Servers that answer",
      description: "Pods of the server whose metrics can be read. None: nothing starts.",
      kind: "stat",
      unit: "short",
      width: 6,
      queries: [{ expr: `sum(up{job=~"(.+/)?${JOBS.server}"})`, legend: "servers" }],
      limits: { warning: 2, critical: 1 },
    },
    {
      title: "Workers that answer",
      description: "Pods of all worker pools whose metrics can be read.",
      kind: "stat",
      unit: "short",
      width: 6,
      queries: [{ expr: `sum(up{job=~"(.+/)?${JOBS.workers}"})`, legend: "workers" }],
      limits: { warning: 2, critical: 1 },
    },
    {
      title: "Commands in work",
      description: "Of all worker pools together.",
      kind: "stat",
      unit: "short",
      width: 6,
      queries: [{ expr: "sum(noetl_worker_concurrent_dispatches)", legend: "commands" }],
    },
    {
      title: "Commands that wait",
      description: "In front of all worker pools together.",
      kind: "stat",
      unit: "short",
      width: 6,
      queries: [
        {
          expr: "sum(max by (stream, consumer) (noetl_worker_nats_consumer_pending))",
          legend: "commands",
        },
      ],
    },
    {
      title: "Executions asked for",
      description: "By outcome: refused ones are a mistake of whoever asks.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_execute_outcomes_total", "outcome"), legend: "{{outcome}}" }],
    },
    {
      title: "Events taken in",
      description: "By status. Anything but ok is lost to its execution until it is told again.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_events_ingested_total", "status"), legend: "{{status}}" }],
    },
    {
      title: "Time to take an event in",
      description: "95 of 100 took less. The database is what makes it long.",
      unit: "s",
      queries: [{ expr: p95("noetl_event_ingest_duration_seconds"), legend: "p95" }],
    },
    {
      title: "Time that commands take",
      description: "95 of 100 took less, by kind of tool.",
      unit: "s",
      queries: [{ expr: p95("noetl_worker_dispatch_duration_seconds", "tool_kind"), legend: "{{tool_kind}}" }],
    },
    {
      title: "Commands that fail",
      description: "By kind of tool.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_worker_dispatch_errors_total", "tool_kind"), legend: "{{tool_kind}}" }],
    },
    {
      title: "Requests that write",
      description: "By endpoint of the server, events not counted.",
      unit: "reqps",
      queries: [{ expr: perSecond("noetl_write_requests_total", "endpoint"), legend: "{{endpoint}}" }],
    },
  ],
};
