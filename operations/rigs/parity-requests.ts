import type { HttpRequest } from "./http";

/** What both servers are asked, before there is an execution that both know. */
export const PLATFORM_REQUESTS: readonly HttpRequest[] = [
  { path: "/api/health" },
  { path: "/api/pool/status" },
  { path: "/api/status" },
  { path: "/api/worker/pools" },
  { path: "/api/credentials" },
  { path: "/api/dashboard/stats" },
  { path: "/api/runtime/contract" },
  { method: "POST", path: "/api/catalog/list", body: { resource_type: "Playbook" } },
];

/** What they are asked about one execution of a playbook, which has ended. */
export function executionRequests(execution: bigint, path: string): HttpRequest[] {
  const id = execution.toString();
  return [
    { path: "/api/executions" },
    { path: `/api/executions/${id}` },
    { path: `/api/executions/${id}/status` },
    { path: `/api/vars/${id}` },
    { path: `/api/catalog/${path}/ui_schema` },
  ];
}
