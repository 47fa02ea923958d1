// @ts-check
// The list of tasks: what of it was read, and what changed since.
import { byId } from "../../../preview/html/browser/dom.js";
import { ask, Problem } from "./api.js";
import { makeGrid } from "./grid.js";
import { calm, warn } from "./notices.js";
import { noteOf, statusOf, timeText, tookText } from "./words.js";

/** @typedef {import("../../api/task-view").TaskView} TaskView */
/** @typedef {import("./live.js").TaskEvent} TaskEvent */

/** Tasks of the first page, and of those after it. */
const FIRST_PAGE = 100;
const NEXT_PAGE = 500;
/** Newest tasks that are read again after something happened; older ones are changed by what is told of them. */
const FRESH = 300;
/** Milliseconds between two readings. */
const REST_MS = 1000;
/** Milliseconds after a key until it is searched. */
const TYPING_MS = 200;

/** @param {{ open: (id: string) => void }} options */
export const taskList = ({ open }) => {
  const form = /** @type {HTMLFormElement} */ (byId("filters"));
  const search = /** @type {HTMLInputElement} */ (byId("search"));
  const count = byId("count");
  const empty = byId("empty");
  /** @type {TaskView[]} */
  let rows = [];
  /** @type {string | null} */
  let cursor = null;
  let isLoading = false;
  let isStale = false;
  let hasFailed = false;
  /** Grows when other tasks are asked for: what was asked before no longer counts. */
  let version = 0;
  /** @type {Record<string, number> | undefined} */
  let counts;

  const grid = makeGrid({
    key: (/** @type {TaskView} */ { id }) => id,
    columns: ["status", "what", "stack", "note", "by", "at", "took"],
    fill: (task, cells) => {
      const { label, sign, tone } = statusOf(task);
      const [status, ...others] = cells;
      if (status && status.dataset["label"] !== label) {
        status.dataset["label"] = label;
        const mark = document.createElement("span");
        mark.className = `mark ${tone}`;
        mark.setAttribute("aria-hidden", "true");
        mark.textContent = sign;
        status.replaceChildren(mark, ` ${label}`);
      }
      const { operation, kind, name, stack, by, created_at: created } = task;
      const texts = [name ?? `${operation} ${kind}`, stack ?? "", noteOf(task), by, timeText(created), tookText(task)];
      others.forEach((cell, index) => {
        const text = texts[index] ?? "";
        if (cell.textContent !== text) cell.textContent = text;
      });
    },
    open: ({ id }) => open(id),
    more: () => void more(),
  });

  const filters = () => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const text = String(value).trim();
      if (text !== "") query.append(name, text);
    }
    return query;
  };
  /** Whether a task that changed still belongs to what is asked for; words were searched by the service. @param {TaskView} task */
  const belongs = (task) => {
    const query = filters();
    const wanted = query.get("status");
    return (
      (wanted === null || task.status === wanted) &&
      (!query.has("needs_approval") || statusOf(task).label === "Needs approval")
    );
  };

  const show = () => {
    const isFiltered = filters().size > 0;
    const all = counts && !isFiltered ? Object.values(counts).reduce((sum, one) => sum + one, 0) : undefined;
    const total = cursor === null ? rows.length : all;
    const said = `${rows.length.toLocaleString("en")}${cursor === null ? "" : "+"}`;
    const text = `${total === undefined ? said : total.toLocaleString("en")} task${total === 1 ? "" : "s"}`;
    if (count.textContent !== text) count.textContent = text;
    empty.hidden = rows.length > 0 || isLoading || hasFailed;
    empty.textContent = isFiltered ? "No task is like that." : "There are no tasks yet.";
    grid.show(rows, total);
  };

  /** @param {number} limit @param {string | null} [from] @returns {Promise<{ tasks: TaskView[], cursor: string | null }>} */
  const read = async (limit, from = null) => {
    const query = filters();
    query.set("brief", "true");
    query.set("limit", String(limit));
    if (from !== null) query.set("cursor", from);
    const { data, cursor: next = null } = await ask(`/tasks?${query}`);
    return { tasks: data, cursor: next };
  };

  /** @param {() => Promise<void>} work @param {() => void} again */
  const loading = async (work, again) => {
    isLoading = true;
    try {
      await work();
      hasFailed = false;
      calm("tasks");
    } catch (error) {
      hasFailed = true;
      const why = error instanceof Problem ? error.message : String(error);
      if (!(error instanceof Problem) || error.code !== "unauthorized")
        warn("tasks", `Tasks cannot be shown. ${why}`, again);
    } finally {
      isLoading = false;
      show();
    }
  };

  /** Reads from the beginning. */
  const reload = async () => {
    const mine = ++version;
    await loading(
      async () => {
        const page = await read(FIRST_PAGE);
        if (mine !== version) return;
        rows = page.tasks;
        cursor = page.cursor;
        grid.top();
      },
      () => void reload(),
    );
  };

  const more = async () => {
    if (isLoading || hasFailed || cursor === null) return;
    const mine = version;
    await loading(
      async () => {
        const page = await read(NEXT_PAGE, cursor);
        if (mine !== version) return;
        const known = new Set(rows.map(({ id }) => id));
        rows = [...rows, ...page.tasks.filter(({ id }) => !known.has(id))];
        cursor = page.cursor;
      },
      () => {
        hasFailed = false;
        void more();
      },
    );
  };

  /** Reads the newest again; those after them stay. */
  const refresh = async () => {
    if (isLoading) return later();
    const mine = version;
    await loading(
      async () => {
        const page = await read(Math.max(FIRST_PAGE, Math.min(FRESH, rows.length)));
        if (mine !== version) return;
        const last = page.tasks.at(-1)?.id;
        const index = rows.findIndex(({ id }) => id === last);
        const fresh = new Set(page.tasks.map(({ id }) => id));
        const older = page.cursor === null || index < 0 ? [] : rows.slice(index + 1).filter(({ id }) => !fresh.has(id));
        rows = [...page.tasks, ...older];
        if (older.length === 0) cursor = page.cursor;
      },
      () => void refresh(),
    );
  };
  const later = () => {
    if (isStale) return;
    isStale = true;
    setTimeout(() => {
      isStale = false;
      void refresh();
    }, REST_MS);
  };

  /** @param {TaskView} task @param {TaskEvent} event @returns {TaskView} */
  const moved = (task, { to, at, from }) => {
    const status = /** @type {TaskView["status"]} */ (to);
    if (status === "Running")
      return { ...task, status, started_at: at, completed_at: null, waiting: null, progress: null };
    if (status === "Pending") return { ...task, status, completed_at: null, progress: null };
    return { ...task, status, cancelling: false, completed_at: from === "Running" ? at : task.completed_at };
  };

  let typing = 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    clearTimeout(typing);
    const isText = event.target instanceof HTMLInputElement && event.target.type !== "checkbox";
    typing = Number(setTimeout(() => void reload(), isText ? TYPING_MS : 0));
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      grid.focus();
    } else if (event.key === "Escape" && search.value !== "") {
      event.stopPropagation();
      search.value = "";
      void reload();
    }
  });

  return {
    reload,
    refresh,
    mark: grid.mark,
    focus: grid.focus,
    /** @param {TaskEvent} event */
    told: (event) => {
      const index = rows.findIndex(({ id }) => id === event.task);
      const task = rows[index];
      if (task && event.to !== null) {
        const now = moved(task, event);
        rows = belongs(now) ? rows.with(index, now) : rows.toSpliced(index, 1);
        grid.show(rows, undefined);
      }
      later();
    },
    /** @param {import("./live.js").ProgressEvent} event */
    progress: ({ task: id, ...progress }) => {
      const index = rows.findIndex((task) => task.id === id);
      const task = rows[index];
      if (!task) return;
      rows = rows.with(index, { ...task, progress });
      grid.show(rows, undefined);
    },
    /** @param {Record<string, number>} now Tasks by status. */
    total: (now) => {
      counts = now;
      show();
    },
  };
};
