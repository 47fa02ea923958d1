import type { Execute, TaskContext } from "../queue/runner";
import type { Json } from "../tasks/json";
import { redacting } from "../engine/redacting";
import type { Redactor } from "../redact";
import { secretsIn } from "../secret-fields";
import { PermanentError } from "../tasks/errors";
import type { Catalog } from "./catalog";
import type { Driver, TestResult, Watch } from "./driver";
import { EnvironmentError } from "./errors";
import { assertAllowed, assertFits } from "./host";
import { planOf, type EnvironmentPlan, type TestPlan } from "./plan";
import type { EnvironmentRecord, Records } from "./record";
import { runBody } from "./schema";
import { redactorOf } from "./told";

/** What tasks about environments work with. */
export interface WorkPlace {
  driver: Driver;
  records: Pick<Records, "get" | "change" | "remove">;
  catalog: Catalog;
  /** Of what is known to be secret, and of what looks like it. */
  redactor: Redactor;
  /** Whose what is made is. */
  owner: string;
  allowPrivileged: boolean;
}

/** What a task of a run has in its input. */
interface RunInput {
  tests?: string[];
  script?: string;
  node?: string;
  timeout_seconds?: number;
}

/** Runs tasks about environments. */
export function environmentWork(place: WorkPlace): Execute {
  return async ({ id: task, operation, input }, context) => {
    const id = typeof input.environment === "string" ? input.environment : "";
    const record = await place.records.get(id);
    await place.records.change(id, { task });
    const redactor = redactorOf(place.redactor, [record]).with(secretsIn(runBody, input));
    const clean = { ...place, records: cleaned(place.records, redactor) };
    return redacting(redactor, context, async (within) => {
      const watch = watchOf(within);
      const work = operation === "destroy" ? destroy : operation === "test" ? runTests : create;
      return toldIfPassing(watch, () => work(clean, record, watch, input));
    });
  };
}

/** What may be over at the next attempt stands in no answer: who waits for the task reads it in its log. */
async function toldIfPassing(watch: Watch, work: () => Promise<Json>): Promise<Json> {
  try {
    return await work();
  } catch (error) {
    if (!watch.signal.aborted && !(error instanceof PermanentError))
      await watch.say(`failed: ${errorOf(error).message}`);
    throw error;
  }
}

/** Records that hold nothing secret of what containers have told. */
function cleaned(records: WorkPlace["records"], redactor: Redactor): WorkPlace["records"] {
  const clean = <T>(value: T) => redactor.json(value as Json) as T;
  return {
    get: (id) => records.get(id),
    remove: (id) => records.remove(id),
    change: (id, changes) => {
      const { tests, error, notices } = changes;
      return records.change(id, {
        ...changes,
        ...(tests && { tests: clean(tests) }),
        ...(error && { error: clean(error) }),
        ...(notices && { notices: clean(notices) }),
      });
    },
  };
}

async function create(place: WorkPlace, record: EnvironmentRecord, watch: Watch): Promise<Json> {
  const { driver, records, catalog, owner, allowPrivileged } = place;
  const { id, request, expiresAt } = record;
  await records.change(id, { status: "Creating", error: undefined });
  try {
    const plan = planOf(request, catalog);
    const containers = plan.waves.flat();
    // A task may have waited since it was submitted.
    assertAllowed(containers, allowPrivileged);
    assertFits(containers, await driver.host());
    const made = await driver.make(plan, { environment: id, owner, expiresAt }, watch);
    const notices = [...plan.notices, ...made.notices];
    for (const notice of notices) await watch.say(`notice: ${notice}`);
    await records.change(id, { subnet: made.subnet, images: made.images.map(pinned), notices });
    if (request.auto_start) await driver.start(plan, id, watch);
    await records.change(id, { status: request.auto_start ? "Running" : "Created" });
    return { environment: id, subnet: made.subnet, containers: containers.map(({ name }) => name), notices };
  } catch (error) {
    await given(place, record, error);
    throw error;
  }
}

async function runTests(place: WorkPlace, record: EnvironmentRecord, watch: Watch, input: RunInput): Promise<Json> {
  const { driver, records, catalog } = place;
  const { id, request, status } = record;
  // `Testing`: an attempt before this one was interrupted.
  if (status !== "Created" && status !== "Running" && status !== "Testing") {
    throw new EnvironmentError("wrong-state", `environment ${id} is ${status}: tests run in one that is Running`);
  }
  const plan = planOf(request, catalog);
  const tests = testsOf(plan, input);
  await records.change(id, { status: "Testing", tests: undefined, error: undefined });
  const results: TestResult[] = [];
  try {
    // Also one that was started is looked at: a container may have ended since.
    await driver.start(plan, id, watch);
    for (const test of tests) {
      await watch.progress(results.length, tests.length, test.name);
      const result = await driver.test(id, test, watch.signal);
      results.push(result);
      await watch.say(`${result.passed ? "passed" : "FAILED"}  ${result.container}: ${result.name}`);
      if (!result.passed) await watch.say(result.output);
    }
  } catch (error) {
    await records.change(id, { status: "Running", tests: results, error: errorOf(error) });
    if (request.auto_cleanup) await cleanUp(place, id);
    throw error;
  }
  await records.change(id, { status: "Running", tests: results });
  if (request.auto_cleanup) await cleanUp(place, id);
  const failed = results.filter(({ passed }) => !passed).map(({ container, name }) => `${container}: ${name}`);
  if (failed.length > 0) {
    const message = `${failed.length} of ${results.length} tests failed: ${failed.join("; ")}`;
    throw new EnvironmentError("tests-failed", message);
  }
  return { environment: id, tests: results as unknown as Json };
}

async function destroy({ driver, records }: WorkPlace, { id }: EnvironmentRecord, watch: Watch): Promise<Json> {
  await records.change(id, { status: "Deleting" });
  await driver.remove(id);
  await records.remove(id);
  await watch.say("removed");
  return { environment: id, removed: true };
}

/** The tests that a run asks for. @throws EnvironmentError for names that no test has, and an environment without tests */
export function testsOf(
  { tests, waves }: Pick<EnvironmentPlan, "tests" | "waves">,
  { tests: names = [], script, node, timeout_seconds: seconds = 300 }: RunInput,
): TestPlan[] {
  if (script !== undefined) {
    const containers = waves.flat();
    const container = node === undefined ? containers[0] : containers.find((one) => one.node === node);
    if (container) {
      const command = ["sh", "-c", script];
      return [{ name: "script", container: container.name, command, seconds, expect: undefined }];
    }
    const nodes = [...new Set(containers.map((one) => one.node))].join(", ");
    throw new EnvironmentError("tests-unknown", `node: there is no node ${node}; there are ${nodes}`, "node");
  }
  const known = [...new Set(tests.map(({ name }) => name))];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const message = `tests: there is no test ${unknown.join(", ")}; there are ${known.join(", ")}`;
    throw new EnvironmentError("tests-unknown", message, "tests");
  }
  return names.length === 0 ? [...tests] : tests.filter(({ name }) => names.includes(name));
}

/** Takes away what a failed creation has made. What else goes wrong is the reaper's: the first error is what is told. */
async function given({ driver, records }: WorkPlace, { id }: EnvironmentRecord, error: unknown): Promise<void> {
  await driver.remove(id).catch(() => undefined);
  await records.change(id, { status: "Failed", error: errorOf(error) });
}

async function cleanUp({ driver, records }: WorkPlace, id: string): Promise<void> {
  await driver.remove(id);
  await records.change(id, { status: "Cleaned" });
}

function pinned({ name, id, digest }: { name: string; id: string; digest: string | undefined }) {
  return { name, id, ...(digest !== undefined && { digest }) };
}

function errorOf(error: unknown): { code: string; message: string } {
  const { code = "failed", message } = error as { code?: string; message: string };
  return { code, message };
}

function watchOf(context: TaskContext): Watch {
  return {
    signal: context.signal,
    say: async (text) => {
      const at = Date.now();
      await context.log(text.split("\n").map((line) => ({ at, stream: "event", text: line })));
    },
    progress: async (done, total, message) => {
      await context.progress({ done, total, message });
    },
  };
}
