import type { Thresholds } from "../monitored";
import { type Dashboard, p95, perSecond } from "./model";

/** Whether events that the server only publishes get written. */
export function flipDashboard(thresholds?: Pick<Thresholds, "backlogWarning" | "backlogCritical">): Dashboard {
  return {
    uid: "noetl-flip",
    title: "NoETL / CQRS flip",
    description:
      "From the server that publishes events to the materializer that writes them, and the state built from them.",
    panels: [
      {
        title: "Backlog of the materializer",
        description: "Events that wait to be written, or are being written. About 0 is right.",
        unit: "short",
        width: 24,
        queries: [{ expr: "noetl:materializer_backlog", legend: "events" }],
        ...(thresholds && { limits: { warning: thresholds.backlogWarning, critical: thresholds.backlogCritical } }),
      },
      {
        title: "Flow of events",
        description: "With the flip on, the three are one line. Published without acknowledged: nobody writes.",
        unit: "reqps",
        width: 12,
        queries: [
          { expr: perSecond("noetl_event_ingest_published_total"), legend: "published" },
          { expr: perSecond("noetl_worker_materializer_projected_total"), legend: "written" },
          { expr: perSecond("noetl_worker_materializer_acked_total"), legend: "acknowledged" },
        ],
      },
      {
        title: "Failed and repeated",
        description: "Batches that could not be written and come again; events that were there already.",
        unit: "reqps",
        width: 12,
        queries: [
          { expr: perSecond("noetl_worker_materializer_project_errors_total"), legend: "failed batches" },
          { expr: perSecond("noetl_worker_materializer_duplicates_total"), legend: "duplicates" },
        ],
      },
      {
        title: "Time of a round",
        description: "Take, write, acknowledge: 95 of 100 rounds took less.",
        unit: "s",
        queries: [{ expr: p95("noetl_worker_materializer_cycle_duration_seconds"), legend: "p95" }],
      },
      {
        title: "Scans of the event table",
        description: "By state builders, since they started. Stays 0 when state comes from the stream.",
        kind: "stat",
        unit: "short",
        queries: [{ expr: "sum(noetl_worker_state_builder_event_scans_total)", legend: "scans" }],
        limits: { warning: 1, critical: 2 },
      },
      {
        title: "States for orchestration",
        description: "Served from the stream, or fallen back to the server.",
        unit: "reqps",
        queries: [
          { expr: perSecond("noetl_worker_state_builder_drive_builds_total", "outcome"), legend: "{{outcome}}" },
        ],
      },
    ],
  };
}
