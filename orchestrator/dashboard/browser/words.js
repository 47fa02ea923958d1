// @ts-check
// How a task is put into words.

/** @typedef {import("../../api/task-view").TaskView} TaskView */

/** Signs and colours of what a task may be; its name stands beside it. @type {Record<string, { sign: string, tone: string }>} */
const SIGNS = {
  Pending: { sign: "○", tone: "plain" },
  Approval: { sign: "?", tone: "caution" },
  Running: { sign: "▶", tone: "calm" },
  Completed: { sign: "✓", tone: "fresh" },
  Failed: { sign: "×", tone: "danger" },
  Cancelled: { sign: "–", tone: "plain" },
};

/** @param {string} status */
export const signOf = (status) => SIGNS[status] ?? { sign: "·", tone: "plain" };

/** @param {TaskView} task */
export const needsApproval = ({ status, approval }) => status === "Pending" && approval?.state === "waiting";

/** What stands where the status stands. @param {TaskView} task */
export const statusOf = (task) => {
  const { status, cancelling } = task;
  const style = signOf(needsApproval(task) ? "Approval" : status);
  return { ...style, label: needsApproval(task) ? "Needs approval" : cancelling ? "Stopping" : status };
};

/** @type {Record<string, string>} */
const WAITS = {
  dependencies: "waits for other tasks",
  approval: "waits for approval",
  time: "waits for its time",
  stack: "waits for its stack",
  place: "waits for a place",
};

/** What it does now, or why it failed. @param {TaskView} task */
export const noteOf = ({ status, waiting, progress, error }) => {
  if (status === "Running" && progress) return progress.message;
  if (status === "Failed" && error) return error.message;
  return waiting === null || status !== "Pending" ? "" : (WAITS[waiting] ?? waiting);
};

/** @param {TaskView} task */
export const titleOf = ({ operation, kind, stack }) => `${operation} ${kind}${stack === null ? "" : ` of ${stack}`}`;

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0");

/** In the reader's time zone. @param {string | null} text */
export const timeText = (text) => {
  if (text === null) return "";
  const at = new Date(text);
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")}`;
};

/** @param {TaskView} task */
export const tookText = ({ started_at: start, completed_at: end }) => {
  if (start === null || end === null) return "";
  const ms = Math.max(0, Date.parse(end) - Date.parse(start));
  if (ms < 1000) return `${ms} ms`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** @param {number} count @param {string} noun */
export const countText = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
