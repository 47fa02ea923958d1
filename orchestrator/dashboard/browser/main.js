// @ts-check
// The dashboard: who is here, what is shown, and what happens meanwhile.
import { byId, make } from "../../../preview/html/browser/dom.js";
import { ask, Problem, token } from "./api.js";
import { depthChart, throughputChart } from "./charts.js";
import { environmentList } from "./environments.js";
import { listen } from "./live.js";
import { calm, warn } from "./notices.js";
import { closePanel } from "./panel.js";
import { taskDetails } from "./task.js";
import { taskList } from "./tasks.js";

/** @typedef {import("./api.js").Me} Me */

/** Milliseconds between two readings of the overview, and of environments, while the page is seen. */
const OVERVIEW_MS = 5000;

/** @type {{ routes: string[], impacts: Record<string, import("./report.js").ImpactStyle> }} */
const page = JSON.parse(byId("data").textContent ?? "");
/** @type {Me} */
let me = { name: "", roles: [], rights: [] };
const go = (/** @type {string} */ to) => {
  location.hash = to;
};

const tasks = taskList({ open: (id) => go(`/tasks/${id}`) });
const openTask = taskDetails({
  me: () => me,
  styles: page.impacts,
  go: (id) => go(`/tasks/${id}`),
  moved: () => void tasks.refresh(),
  closed: () => {
    opened = undefined;
    tasks.mark("");
  },
});
const environments = environmentList({
  can: (right, route) => me.rights.includes(right) && page.routes.includes(route),
  go,
  closed: () => (openedEnvironment = undefined),
  gone: () => leave(),
});
/** @type {ReturnType<typeof openTask> | undefined} */
let opened;
/** @type {ReturnType<typeof environments.open> | undefined} */
let openedEnvironment;

// --- overview ---

/** @param {string} id @param {{ text: string, chart: Element }} drawn */
const put = (id, { text, chart }) => {
  byId(id).replaceChildren(chart);
  byId(`${id}-said`).textContent = text;
};
const overview = async () => {
  const [health, activity] = await Promise.allSettled([ask("/health"), ask("/queue/activity")]);
  // A service that takes no work says why, and still how much there is.
  const problem = health.status === "rejected" && health.reason instanceof Problem ? health.reason : undefined;
  /** @type {any} */
  const state = health.status === "fulfilled" ? health.value.data : problem?.data;
  if (state) {
    byId("service").textContent = `${state.status}, engine ${state.engine}`;
    byId("tiles").replaceChildren(
      ...Object.entries(state.tasks).map(([status, count]) =>
        make("li", "", make("strong", "", Number(count).toLocaleString("en")), ` ${status.toLowerCase()}`),
      ),
    );
    tasks.total(state.tasks);
  }
  if (state?.status === "unhealthy") warn("health", `The service takes no new work: ${state.reasons.join("; ")}`);
  else calm("health");
  if (activity.status === "fulfilled") {
    put("depth-chart", depthChart(activity.value.data));
    put("throughput-chart", throughputChart(activity.value.data));
  }
};

// --- what is shown ---

const route = () => {
  const [, view = "tasks", id] = location.hash.slice(1).split("/");
  const isEnvironments = view === "environments" && page.routes.includes("list_environments");
  byId("tasks").hidden = isEnvironments;
  byId("environments").hidden = !isEnvironments;
  for (const link of byId("views").querySelectorAll("a")) {
    if (link.hash === (isEnvironments ? "#/environments" : "#/tasks")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (me.name === "") return;
  closePanel();
  if (isEnvironments) void environments.load();
  if (id === undefined) return;
  const wanted = decodeURIComponent(id);
  if (isEnvironments) openedEnvironment = environments.open(wanted);
  else {
    opened = openTask(wanted);
    tasks.mark(wanted);
  }
};
const leave = () => {
  const isEnvironments = !byId("environments").hidden;
  closePanel();
  history.replaceState(null, "", isEnvironments ? "#/environments" : "#/tasks");
  if (isEnvironments) byId("environments-link").focus();
  else tasks.focus();
};
byId("panel").addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest(".close")) leave();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "Escape" && !byId("panel").hidden && !document.querySelector("dialog[open]")) leave();
  else if (event.key === "/" && !isTyping && !byId("tasks").hidden) {
    event.preventDefault();
    byId("search").focus();
  }
});
addEventListener("hashchange", route);

// --- who is here ---

/** @type {(() => void) | undefined} */
let stopListening;
const signIn = (/** @type {string} */ why) => {
  stopListening?.();
  stopListening = undefined;
  closePanel();
  me = { name: "", roles: [], rights: [] };
  byId("app").hidden = true;
  byId("sign-in").hidden = false;
  byId("sign-in-why").textContent = why;
  byId("token").focus();
};
byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("token"));
  token.set(field.value.trim());
  field.value = "";
  void start();
});
byId("sign-out").addEventListener("click", () => {
  token.forget();
  // Whatever was read with the token goes with it.
  location.reload();
});

const start = async () => {
  // What is asked at once is there at once; without a token it is refused, which harms nothing.
  const first = tasks.reload();
  try {
    me = (await ask("/whoami")).data;
    calm("start");
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem("bug", String(error));
    if (problem.code === "unauthorized") {
      const why = token.get() === null ? "" : "This token is not known.";
      token.forget();
      return signIn(why);
    }
    return warn("start", problem.message, () => void start());
  }
  byId("sign-in").hidden = true;
  byId("app").hidden = false;
  byId("who").textContent = `${me.name} (${me.roles.join(", ")})`;
  byId("sign-out").hidden = token.get() === null;
  await first;
  route();
  stopListening ??= listen({
    task: (event) => {
      tasks.told(event);
      if (event.task === opened?.id) void opened?.load();
    },
    progress: (event) => {
      tasks.progress(event);
      if (event.task === opened?.id) opened.progress(event);
    },
    found: () => {
      const wasLost = byId("live").dataset["state"] === "lost";
      byId("live").dataset["state"] = "live";
      byId("live").textContent = "live";
      calm("live");
      if (!wasLost) return;
      void tasks.refresh();
      void opened?.load();
      void overview();
    },
    lost: (problem) => {
      if (problem.code === "unauthorized") return signIn("This token is no longer taken.");
      byId("live").dataset["state"] = "lost";
      byId("live").textContent = "not live";
      warn("live", `${problem.message} Trying again …`);
    },
  });
  await overview();
};

byId("environments-link").hidden = !page.routes.includes("list_environments");
setInterval(() => {
  if (document.hidden || me.name === "") return;
  void overview();
  if (byId("environments").hidden) return;
  void environments.load();
  void openedEnvironment?.load();
}, OVERVIEW_MS);
void start();
