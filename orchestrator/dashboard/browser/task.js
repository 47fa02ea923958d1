// @ts-check
// The details of one task.
import { button, make, markOf, section } from "../../../preview/html/browser/dom.js";
import { ask, Problem } from "./api.js";
import { confirmed } from "./confirm.js";
import { makeLog } from "./log.js";
import { calm, warn } from "./notices.js";
import { openPanel } from "./panel.js";
import { json, reportView } from "./report.js";
import { needsApproval, signOf, statusOf, timeText, titleOf, tookText } from "./words.js";

/** @typedef {import("../../api/task-view").TaskView} TaskView */
/** @typedef {import("./api.js").Me} Me */
/** @typedef {"approve" | "reject" | "cancel" | "retry"} Verb */

const WORDS = /** @type {const} */ ({ approve: "Approve", reject: "Reject", cancel: "Cancel task", retry: "Retry" });

/** What somebody may do with a task now. @param {TaskView} task @param {Me} me @returns {Verb[]} */
const verbsOf = (task, { name, rights }) => {
  const { status, by, cancelling } = task;
  const isOver = status === "Failed" || status === "Cancelled";
  const isOwn = by === name && name !== "local";
  return [
    ...(needsApproval(task) && rights.includes("approve")
      ? /** @type {Verb[]} */ (isOwn ? ["reject"] : ["approve", "reject"])
      : []),
    ...(rights.includes("operate") && (status === "Pending" || (status === "Running" && !cancelling))
      ? /** @type {Verb[]} */ (["cancel"])
      : []),
    ...(rights.includes("operate") && isOver ? /** @type {Verb[]} */ (["retry"]) : []),
  ];
};

/**
 * @param {{ me: () => Me, styles: Record<string, import("./report.js").ImpactStyle>, go: (id: string) => void, moved: (task: TaskView) => void, closed: () => void }} options
 */
export const taskDetails = ({ me, styles, go, moved, closed }) => {
  const report = reportView(styles);

  /** @param {string} id */
  const open = (id) => {
    /** @type {TaskView | undefined} */
    let task;
    let isOver = false;
    /** @type {ReturnType<typeof makeLog> | undefined} */
    let log;

    /** @param {Verb} verb */
    const act = async (verb) => {
      if (!task) return;
      const body = await confirmed(`${WORDS[verb]}: ${titleOf(task)}?`, WORDS[verb]);
      if (!body) return;
      try {
        const { data } = await ask(`/tasks/${id}/${verb}`, { method: "POST", body });
        calm("act");
        show(data);
        moved(data);
      } catch (error) {
        warn("act", `${WORDS[verb]} was refused: ${error instanceof Problem ? error.message : String(error)}`);
      }
    };

    const view = openPanel(
      "Task",
      /** @type {import("./panel.js").Part<TaskView>[]} */ ([
        {
          of: ({ kind, operation, stack, status, approval, cancelling }) => [
            kind,
            operation,
            stack,
            status,
            approval,
            cancelling,
          ],
          draw: (one) => head(one),
        },
        { of: (one) => verbsOf(one, me()), draw: (one) => actions(one) },
        { of: ({ progress, status }) => [progress, status], draw: (one) => progressOf(one) },
        {
          of: ({ error }) => error,
          draw: ({ error }) =>
            error === null ? [] : section("Why it failed", make("p", "failure", `${error.message} (${error.code})`)),
        },
        {
          of: (one) => ({ ...one, progress: null, result: null, history: [] }),
          draw: (one) => facts(one),
        },
        { of: ({ history }) => history, draw: (one) => steps(one) },
        { of: ({ result }) => result, draw: (one) => report(one) },
        { of: ({ input }) => input, draw: ({ input }) => section("Asked for", json("Asked for", input)) },
      ]),
      () => {
        isOver = true;
        log?.stop();
        closed();
      },
    );

    /** @param {TaskView} one */
    const head = (one) => {
      const { label, ...style } = statusOf(one);
      const title = document.getElementById("panel-title");
      if (title) title.textContent = titleOf(one);
      return [make("p", "", markOf(style), ` ${label}`)];
    };
    /** @param {TaskView} one */
    const actions = (one) => {
      const verbs = verbsOf(one, me());
      if (verbs.length === 0) return [];
      const box = make("div", "actions", ...verbs.map((verb) => button(WORDS[verb], () => void act(verb), verb)));
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Actions");
      return [box];
    };
    /** @param {TaskView} one */
    const progressOf = ({ status, progress }) => {
      if (status !== "Running" || !progress) return [];
      const bar = make("progress", "");
      bar.max = progress.total;
      bar.value = progress.done;
      bar.setAttribute("aria-label", "Progress");
      return [make("p", "progress", bar, ` ${progress.done} of ${progress.total} ${progress.message}`)];
    };
    /** @param {TaskView} one */
    const facts = (one) => {
      const approval = one.approval;
      const approved = approval?.state === "approved" ? `by ${approval.by}: ${approval.why}` : "waits for a person";
      /** @type {[string, string][]} */
      const known = [
        ["id", one.id],
        ["name", one.name ?? ""],
        ["by", one.by],
        ["submitted", timeText(one.created_at)],
        ["not before", timeText(one.not_before)],
        ["started", timeText(one.started_at)],
        ["ended", timeText(one.completed_at)],
        ["took", tookText(one)],
        ["attempts", `${one.attempts} of ${one.retries + 1}`],
        ["priority", String(one.priority)],
        ["approval", approval ? approved : ""],
      ];
      const links = one.depends_on.map((other) => button(other, () => go(other), "link"));
      return [
        make(
          "dl",
          "",
          ...known.flatMap(([name, fact]) => (fact === "" ? [] : [make("dt", "", name), make("dd", "", fact)])),
          ...(links.length === 0 ? [] : [make("dt", "", "needs"), make("dd", "", ...links)]),
        ),
      ];
    };
    /** @param {TaskView} one */
    const steps = ({ history }) =>
      section(
        "Steps",
        make(
          "ol",
          "steps",
          ...history.map(({ from, to, at, by, why }) =>
            make(
              "li",
              "",
              markOf(signOf(to)),
              make("span", "", ` ${from === null ? "Submitted" : to}`),
              make("span", "soft", ` ${timeText(at).slice(11)} by ${by}${why === "" ? "" : `: ${why}`}`),
            ),
          ),
        ),
      );

    /** @param {TaskView} now */
    const show = (now) => {
      if (isOver) return;
      task = now;
      view.update(now);
    };

    const load = async () => {
      try {
        show((await ask(`/tasks/${encodeURIComponent(id)}`)).data);
        calm("task");
      } catch (error) {
        if (isOver) return;
        warn(
          "task",
          `The task cannot be shown. ${error instanceof Problem ? error.message : String(error)}`,
          () => void load(),
        );
      }
    };
    void load();

    log = makeLog(
      "Log",
      (after) => `/tasks/${encodeURIComponent(id)}/logs?follow=true&after=${after}`,
      () => task !== undefined && ["Completed", "Failed", "Cancelled"].includes(task.status),
    );
    view.last.append(...section("Log", log.box));

    return {
      id,
      load,
      /** @param {NonNullable<TaskView["progress"]>} progress */
      progress: (progress) => task && show({ ...task, progress }),
    };
  };
  return open;
};
