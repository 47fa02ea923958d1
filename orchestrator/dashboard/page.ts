import { join } from "node:path";
import { DOM_SCRIPT, inScript, pagePolicy, pageStyle, scriptOf } from "../../preview/html/parts";
import { IMPACT_STYLES } from "../../preview/map/impact-style";
import { OPERATION_NAMES, STATUSES } from "../api/task-view";
import { KINDS } from "../tasks/kinds";

/** Each after those that it imports. */
const MODULES = [
  ...["notices", "api", "live", "words", "charts", "grid", "confirm", "log", "report", "panel"],
  ...["task", "tasks", "environments", "main"],
];
const COLUMNS = ["status", "task", "stack", "what it does", "by", "submitted", "took"];

/** A page, and what it may do. */
export interface ServedPage {
  html: string;
  /** Content-Security-Policy. */
  policy: string;
}

/**
 * The dashboard: one file that needs no other. Nothing of any task is in it, so that everybody may have it; it asks the
 * service it came from, with the token of whoever looks at it.
 *
 * @param routes Ids of the service's routes: what there is no route for is not shown.
 */
export function dashboardPage(routes: readonly string[]): ServedPage {
  const style = pageStyle(join(__dirname, "page.css"));
  const script = scriptOf([DOM_SCRIPT, ...MODULES.map((name) => join(__dirname, "browser", `${name}.js`))]);
  const policy = pagePolicy(style, script, "connect-src 'self'", "frame-ancestors 'none'");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>NoETL orchestrator</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>NoETL orchestrator</h1>
<nav id="views" aria-label="Views"><a href="#/tasks" aria-current="page">Tasks</a><a href="#/environments" id="environments-link" hidden>Environments</a><a href="/docs">API</a></nav>
<p id="service"></p>
<p id="live" role="status"></p>
<div class="identity"><span id="who"></span><button type="button" id="sign-out" hidden>Sign out</button></div>
</header>
<div id="notices" role="alert"></div>
<noscript><p class="notice">This page needs JavaScript; noetl-ops task does the same without.</p></noscript>
<main>
<form id="sign-in" hidden aria-labelledby="sign-in-title">
<h2 id="sign-in-title">Sign in</h2>
<p>The token is kept by this tab only, until it is closed.</p>
<p id="sign-in-why" role="alert"></p>
<label for="token">Token<input id="token" type="password" autocomplete="off" spellcheck="false" required></label>
<button>Sign in</button>
</form>
<div id="app">
<div id="main">
<section id="overview" aria-label="Overview">
<ul id="tiles" aria-label="Tasks by status"></ul>
${figure("depth-chart", "Queue depth")}
${figure("throughput-chart", "Throughput")}
</section>
<section id="tasks" aria-label="Tasks">
<form id="filters" role="search" aria-label="Tasks">
<div class="field"><label for="search">Search id, name, stack, who</label><input id="search" name="search" type="search" maxlength="200" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"></div>
${choice("status", "Status", STATUSES)}
${choice("kind", "Workflow", KINDS)}
${choice("operation", "Operation", OPERATION_NAMES)}
<label class="check"><input type="checkbox" name="needs_approval" value="true">Needs approval</label>
<p id="count" role="status"></p>
</form>
<p id="empty" hidden></p>
<div id="grid" role="grid" aria-label="Tasks" tabindex="0" aria-rowcount="-1"><div role="rowgroup" class="head-row"><div role="row" class="row" aria-rowindex="1">${COLUMNS.map((name) => `<span role="columnheader">${name}</span>`).join("")}</div></div><div role="rowgroup" id="rows" hidden></div></div>
</section>
<section id="environments" aria-label="Test environments" hidden>
<div id="environment-list"></div>
</section>
</div>
<aside id="panel" aria-labelledby="panel-title" hidden></aside>
</div>
</main>
<dialog id="confirm" aria-labelledby="confirm-title">
<form method="dialog">
<h2 id="confirm-title"></h2>
<label for="why" id="confirm-why">Why (stands in the history)<input id="why" maxlength="500" autocomplete="off"></label>
<div class="actions"><button id="confirm-yes" value="yes"></button><button value="no" formnovalidate>Leave it</button></div>
</form>
</dialog>
<script type="application/json" id="data">${inScript({ routes, impacts: IMPACT_STYLES })}</script>
<script>${script}</script>
</body>
</html>
`;
  return { html, policy };
}

function figure(id: string, title: string): string {
  return `<figure><figcaption>${title}: <span id="${id}-said"></span></figcaption><div id="${id}" class="chart-box"></div></figure>`;
}

function choice(name: string, label: string, values: readonly string[]): string {
  const options = ["", ...values].map((value) => `<option value="${value}">${value || "any"}</option>`);
  return `<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">${options.join("")}</select></div>`;
}
