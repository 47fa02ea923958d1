// @ts-check
// What happens to tasks, as it happens; a connection that is lost is made again and goes on where it was.
import { connect, linesOf, pause, Problem } from "./api.js";

/** @typedef {{ n: number, at: string, by: string, action: string, task: string | null, from: string | null, to: string | null, why: string | null }} TaskEvent */
/** @typedef {{ task: string, done: number, total: number, message: string }} ProgressEvent */
/**
 * @typedef {object} Listener
 * @property {(event: TaskEvent) => void} task
 * @property {(event: ProgressEvent) => void} progress
 * @property {() => void} found The service answers: what was missed may be more than what is told now.
 * @property {(problem: Problem) => void} lost
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
/** The service says that it is still there every 15 s. */
const SILENCE_MS = 45_000;

/** @param {Listener} listener @returns {() => void} what ends it */
export const listen = (listener) => {
  let isOver = false;
  let last = "";
  let wait = FIRST_WAIT_MS;
  let current = new AbortController();

  const once = async () => {
    current = new AbortController();
    const { signal } = current;
    const response = await connect("/events", { signal, headers: last === "" ? {} : { "last-event-id": last } });
    listener.found();
    let silence = setTimeout(() => current.abort(), SILENCE_MS);
    try {
      let event = "";
      for await (const line of linesOf(response)) {
        clearTimeout(silence);
        silence = setTimeout(() => current.abort(), SILENCE_MS);
        wait = FIRST_WAIT_MS;
        if (line.startsWith("id: ")) last = line.slice(4);
        else if (line.startsWith("event: ")) event = line.slice(7);
        else if (line.startsWith("data: ")) {
          const data = JSON.parse(line.slice(6));
          if (event === "task") listener.task(data);
          else if (event === "progress") listener.progress(data);
        }
      }
    } finally {
      clearTimeout(silence);
    }
  };

  void (async () => {
    while (!isOver) {
      /** @type {Problem} */
      let problem = new Problem("unreachable", "The connection was lost.");
      try {
        await once();
      } catch (error) {
        if (error instanceof Problem && error.code !== "aborted") problem = error;
      }
      if (isOver) return;
      listener.lost(problem);
      if (problem.code === "unauthorized") return;
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    }
  })();
  return () => {
    isOver = true;
    current.abort();
  };
};
