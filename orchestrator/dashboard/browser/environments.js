// @ts-check
// Test environments and their containers.
import { button, byId, make, markOf, section } from "../../../preview/html/browser/dom.js";
import { ask, Problem } from "./api.js";
import { confirmed } from "./confirm.js";
import { makeLog } from "./log.js";
import { calm, warn } from "./notices.js";
import { openPanel } from "./panel.js";
import { signOf, timeText } from "./words.js";

/** @typedef {{ name: string, node: string, image: string, state: string, address: string | null }} Container */
/** @typedef {{ name: string, container: string, passed: boolean, seconds: number, output: string }} TestResult */
/**
 * @typedef {{ id: string, name: string, type: string, template: string | null, infra: string | null, status: string, task_id: string | null,
 *   by: string, created_at: string, expires_at: string, subnet: string | null, notices: string[], tests: TestResult[] | null,
 *   error: { code: string, message: string } | null, containers?: Container[] | null }} Environment
 */

/** Of an environment or a container. @type {Record<string, string>} */
const LIKE = { Running: "Running", running: "Running", Testing: "Running", Creating: "Running", Failed: "Failed" };
/** @param {string} status */
const styleOfEnvironment = (status) => signOf(LIKE[status] ?? "Pending");

/** @param {string} label @param {string[]} head @param {(Node | string)[][]} rows */
const table = (label, head, rows) => {
  const made = make(
    "table",
    "",
    make("caption", "told", label),
    make("thead", "", make("tr", "", ...head.map((name) => Object.assign(make("th", "", name), { scope: "col" })))),
    make("tbody", "", ...rows.map((cells) => make("tr", "", ...cells.map((cell) => make("td", "", cell))))),
  );
  const box = make("div", "table", made);
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", label);
  return box;
};

/**
 * @param {{ can: (right: string, route: string) => boolean, go: (hash: string) => void, closed: () => void, gone: () => void }} options
 */
export const environmentList = ({ can, go, closed, gone }) => {
  const box = byId("environment-list");
  let drawn = "";

  const load = async () => {
    try {
      /** @type {Environment[]} */
      const all = (await ask("/test/environments")).data;
      calm("environments");
      const now = JSON.stringify(all);
      if (now === drawn) return;
      drawn = now;
      const rows = all.map(({ id, name, type, template, status, by, expires_at }) => [
        make("span", "", markOf(styleOfEnvironment(status)), ` ${status}`),
        button(name, () => go(`/environments/${id}`), "link"),
        template ?? type,
        by,
        timeText(expires_at),
      ]);
      box.replaceChildren(
        rows.length === 0
          ? make("p", "soft", "There are no test environments.")
          : table("All test environments", ["status", "name", "made of", "by", "removed at"], rows),
      );
    } catch (error) {
      const why = error instanceof Problem ? error.message : String(error);
      warn("environments", `Test environments cannot be shown. ${why}`, () => void load());
    }
  };

  /** @param {string} id */
  const open = (id) => {
    let isOver = false;
    let wasThere = false;
    const path = `/test/environments/${encodeURIComponent(id)}`;
    const log = makeLog(
      "Log",
      () => `${path}/logs?follow=true`,
      () => true,
    );
    const view = openPanel(
      "Environment",
      /** @type {import("./panel.js").Part<Environment>[]} */ ([
        {
          of: (one) => one.status,
          draw: ({ status }) => [make("p", "", markOf(styleOfEnvironment(status)), ` ${status}`)],
        },
        { of: ({ status }) => status, draw: () => actions() },
        {
          of: ({ error }) => error,
          draw: ({ error }) =>
            error === null ? [] : section("What went wrong", make("p", "failure", `${error.message} (${error.code})`)),
        },
        { of: (one) => ({ ...one, containers: null, tests: null }), draw: (one) => facts(one) },
        {
          of: ({ notices: told }) => told,
          draw: ({ notices: told }) => section("To know", ...told.map((text) => make("p", "", text))),
        },
        {
          of: ({ containers }) => containers,
          draw: ({ containers }) => section("Containers", containersOf(containers)),
        },
        { of: ({ tests }) => tests, draw: ({ tests }) => (tests === null ? [] : section("Tests", testsOf(tests))) },
      ]),
      () => {
        isOver = true;
        log.stop();
        closed();
      },
    );

    /** @param {Container[] | null | undefined} containers */
    const containersOf = (containers) => {
      if (!containers) return make("p", "soft", "Docker does not answer.");
      if (containers.length === 0) return make("p", "soft", "There are none.");
      const rows = containers.map(({ name, image, state, address }) => [
        make("span", "", markOf(styleOfEnvironment(state)), ` ${state}`),
        name,
        image.replace(/(@sha256:.{12}).*/, "$1…"),
        address ?? "",
      ]);
      return table("Containers", ["state", "name", "image", "address"], rows);
    };
    /** What a test printed; folded where nobody needs it. @param {TestResult} test @returns {Node[]} */
    const outputOf = ({ passed, output }) => {
      if (output === "") return [];
      const text = make("pre", "output", output);
      return [passed ? make("details", "", make("summary", "soft", "output"), text) : text];
    };
    /** @param {TestResult[]} tests */
    const testsOf = (tests) =>
      table(
        "Tests",
        ["result", "name", "container", "seconds"],
        tests.map((test) => [
          make("span", "", markOf(signOf(test.passed ? "Completed" : "Failed")), test.passed ? " passed" : " failed"),
          make("div", "", test.name, ...outputOf(test)),
          test.container,
          test.seconds.toFixed(1),
        ]),
      );
    /** @param {Environment} one */
    const facts = (one) => {
      const { task_id: task } = one;
      /** @type {[string, Node | string][]} */
      const known = [
        ["id", one.id],
        ["type", one.type],
        ["template", one.template ?? ""],
        ["stack", one.infra ?? ""],
        ["by", one.by],
        ["made", timeText(one.created_at)],
        ["removed at", timeText(one.expires_at)],
        ["subnet", one.subnet ?? ""],
        ["task", task === null ? "" : button(task, () => go(`/tasks/${task}`), "link")],
      ];
      return [
        make(
          "dl",
          "",
          ...known.flatMap(([name, fact]) => (fact === "" ? [] : [make("dt", "", name), make("dd", "", fact)])),
        ),
      ];
    };
    const actions = () => {
      const all = [
        ...(can("operate", "run_environment")
          ? [button("Run tests", () => void act("Run tests", "POST", `${path}/run`))]
          : []),
        ...(can("operate", "delete_environment") ? [button("Delete", () => void act("Delete", "DELETE", path))] : []),
      ];
      if (all.length === 0) return [];
      const group = make("div", "actions", ...all);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", "Actions");
      return [group];
    };
    /** @param {string} label @param {string} method @param {string} to */
    const act = async (label, method, to) => {
      if (!(await confirmed(`${label}: ${id}?`, label, false))) return;
      try {
        await ask(to, { method, ...(method === "POST" ? { body: {} } : {}) });
        calm("act");
        await Promise.all([show(), load()]);
      } catch (error) {
        warn("act", `${label} was refused: ${error instanceof Problem ? error.message : String(error)}`);
      }
    };

    const show = async () => {
      try {
        /** @type {Environment} */
        const now = (await ask(path)).data;
        if (isOver) return;
        wasThere = true;
        byId("panel-title").textContent = now.name;
        view.update(now);
        calm("environment");
      } catch (error) {
        if (isOver) return;
        if (wasThere && error instanceof Problem && error.code === "environment-unknown") {
          gone();
          return void load();
        }
        warn(
          "environment",
          `The environment cannot be shown. ${error instanceof Problem ? error.message : String(error)}`,
          () => void show(),
        );
      }
    };
    void show();
    view.last.append(...section("Log", log.box));
    return { load: show };
  };
  return { load, open };
};
