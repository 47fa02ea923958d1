import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client } from "../../../orchestrator/client";
import { Served } from "../api/served";

let served: Served;
let client: Client;

beforeAll(async () => {
  served = await Served.start({ storage: { reserveBytes: 4096 } });
  client = new Client({ url: served.service.url });
});
afterAll(async () => {
  await served.stop();
});

test("fills the address, the query and the headers, and knows what comes back", async () => {
  const header = { "idempotency-key": "one" };
  const asked = { body: { infra: "kind", check_mode: true }, header };
  const first = await client.post("/workflows/cluster/create", asked);
  const second = await client.post("/workflows/cluster/create", asked);
  expect(second.data).toBe(first.data);

  const { data: task } = await client.get("/tasks/{id}", { path: { id: first.data } });
  expect([task.id, task.kind, task.stack]).toEqual([first.data, "cluster", "kind"]);
  const query = { status: ["Pending", "Running", "Completed"] as ("Pending" | "Running" | "Completed")[], limit: 5 };
  const { data: tasks } = await client.get("/tasks", { query });
  expect(tasks.map(({ id }) => id)).toEqual([first.data]);
  expect((await client.get("/queue")).data.draining).toBe(false);
});

test("a part of an address stays one, whatever is in it", async () => {
  await expect(client.get("/tasks/{id}", { path: { id: "a/../b?c" } })).rejects.toThrow(
    "must be the id of a task (path.id) [invalid]",
  );
});

test("what the document does not have is no program", () => {
  // @ts-expect-error -- there is no such address
  const address = () => client.get("/task");
  // @ts-expect-error -- it needs the id
  const nameless = () => client.get("/tasks/{id}");
  // @ts-expect-error -- it is no status
  const status = () => client.get("/tasks", { query: { status: "Done" } });
  // @ts-expect-error -- it needs a body
  const bodiless = () => client.post("/schedules", {});

  expect([address, nameless, status, bodiless]).toHaveLength(4);
});
