import { describe, expect, test } from "@jest/globals";
import { EXPORTERS, findSeries, nearNames, seriesNames } from "../../../components/monitoring/metrics";

const ALL = Object.values(EXPORTERS).flatMap(({ metrics }) => metrics);

describe("metric catalogue", () => {
  test("given all exporters, when their names are compared, then each metric has one owner", () => {
    const names = ALL.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(seriesNames().length).toBeGreaterThan(names.length);
  });

  test.each(ALL)("given $name, when it is read, then names are legal, and no label is an execution", (metric) => {
    expect(metric.name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(metric.meaning).toMatch(/^[^.]+$/);
    for (const label of metric.labels) expect(label).toMatch(/^[a-zA-Z][a-zA-Z0-9_]*$/);
    expect(metric.labels).not.toContain("execution_id");
    expect(new Set(metric.labels).size).toBe(metric.labels.length);
  });

  test("given a histogram, when it is looked up, then its three series are there, and not its bare name", () => {
    const name = "noetl_worker_dispatch_duration_seconds";
    expect(
      [name, `${name}_bucket`, `${name}_sum`, `${name}_count`].map((each) => findSeries(each)?.metric.name),
    ).toEqual([undefined, name, name, name]);
    expect(findSeries(`${name}_bucket`)?.labels).toContain("le");
    expect(findSeries(`${name}_sum`)?.labels).not.toContain("le");
  });

  test("given labels that a scrape writes, too, when a query uses them, then they are renamed unless they are to win", () => {
    const keda = findSeries("keda_scaled_object_errors_total")?.labels;
    expect([keda?.has("namespace"), keda?.has("exported_namespace")]).toEqual([true, true]);
    const kube = findSeries("kube_pod_status_phase")?.labels;
    expect([kube?.has("namespace"), kube?.has("exported_namespace")]).toEqual([true, false]);
    const nats = findSeries("nats_server_max_storage")?.labels;
    expect([nats?.has("cluster"), nats?.has("exported_cluster")]).toEqual([false, false]);
  });

  test.each([
    ["noetl_event_ingested_total", ["noetl_events_ingested_total"]],
    ["noetl_worker_pull_total", ["noetl_worker_pulls_total"]],
    ["something_else_altogether", []],
  ])("given the unknown name %s, when near ones are asked for, then the likeliest is first", (name, expected) => {
    expect(nearNames(name).slice(0, 1)).toEqual(expected);
  });
});
