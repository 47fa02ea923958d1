import type { TaskContext } from "../queue/runner";
import type { Redactor } from "../redact";
import { errorOf, taskErrorOf } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Engine, Work } from "./engine";

/** An engine whose texts are cleaned before anybody keeps or reads them: log, progress, result and error. */
export class RedactingEngine implements Engine {
  constructor(
    private readonly engine: Engine,
    private readonly redactor: Redactor,
  ) {}

  get name(): string {
    return this.engine.name;
  }

  async run(work: Work, context: TaskContext): Promise<Json | undefined> {
    return redacting(this.redactor, context, (clean) => this.engine.run(work, clean));
  }
}

/** Runs work whose log, progress, result and error are cleaned. */
export async function redacting(
  redactor: Redactor,
  context: TaskContext,
  run: (context: TaskContext) => Promise<Json | undefined>,
): Promise<Json | undefined> {
  const clean = redactor.lines();
  try {
    const result = await run({
      get signal() {
        return context.signal;
      },
      token: context.token,
      log: (lines) => context.log(clean(lines)),
      progress: (progress) => context.progress({ ...progress, message: redactor.text(progress.message) }),
    });
    return result === undefined ? undefined : redactor.json(result);
  } catch (error) {
    const kept = taskErrorOf(error);
    const message = redactor.text(kept.message);
    if (message === kept.message) throw error;
    throw errorOf({ ...kept, message });
  }
}
