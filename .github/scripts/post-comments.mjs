// Posts one comment for each STACK.md of a folder on the pull request of a commit, or edits that of an earlier run.
// Usage: node post-comments.mjs FOLDER, with GITHUB_TOKEN, GITHUB_REPOSITORY, HEAD_OWNER, HEAD_BRANCH, HEAD_SHA, RUN_URL.
// The files come from a run of untrusted code: which pull request they belong to is asked of GitHub, never of them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const { GITHUB_API_URL = "https://api.github.com", GITHUB_REPOSITORY, GITHUB_TOKEN } = process.env;
const { HEAD_OWNER, HEAD_BRANCH, HEAD_SHA, RUN_URL } = process.env;

/** Characters that GitHub takes for a comment, less what is put around a text. */
const MOST = 65_000;
const MARKER = /^<!-- noetl-ops diff ([A-Za-z0-9_.-]{1,100}) -->/;
const FILE = /^([A-Za-z0-9_.-]{1,100})\.md$/;

async function github(method, path, body) {
  const response = await globalThis.fetch(`${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${path}`, {
    method,
    headers: { authorization: `Bearer ${GITHUB_TOKEN}`, accept: "application/vnd.github+json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** The number of the open pull request whose last commit was compared; undefined when it has moved on. */
async function pullRequest() {
  const head = encodeURIComponent(`${HEAD_OWNER}:${HEAD_BRANCH}`);
  const open = await github("GET", `pulls?state=open&per_page=100&head=${head}`);
  return open.find(({ head: { sha } }) => sha === HEAD_SHA)?.number;
}

/** Comments of this workflow by their stacks; what people wrote is never touched. */
async function comments(number) {
  const found = new Map();
  for (let page = 1; ; page++) {
    const some = await github("GET", `issues/${number}/comments?per_page=100&page=${page}`);
    for (const { id, body, user } of some) {
      const stack = MARKER.exec(body)?.[1];
      if (stack !== undefined && user.type === "Bot") found.set(stack, { id, body });
    }
    if (some.length < 100) return found;
  }
}

/** The text of each stack, under a first line of our own. */
function texts() {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files.flatMap((name) => {
    const stack = FILE.exec(name)?.[1];
    if (stack === undefined) return [];
    const text = readFileSync(join(folder, name), "utf8").replace(MARKER, "").trim();
    return [[stack, comment(stack, text)]];
  });
}

function comment(stack, text) {
  const end = `<sub>Commit ${HEAD_SHA.slice(0, 7)}; the whole report is among the <a href="${RUN_URL}">artifacts of the run</a>.</sub>`;
  return `<!-- noetl-ops diff ${stack} -->\n\n${text.slice(0, MOST)}\n\n${end}\n`;
}

const number = await pullRequest();
if (number === undefined) {
  console.log(`no open pull request ends with ${HEAD_SHA}: nothing is posted`);
} else {
  const earlier = await comments(number);
  const now = new Map(texts());
  for (const stack of earlier.keys()) {
    if (!now.has(stack)) now.set(stack, comment(stack, `### ${stack}: no difference any more`));
  }
  for (const [stack, body] of now) {
    const old = earlier.get(stack);
    if (old?.body === body) continue;
    if (old) await github("PATCH", `issues/comments/${old.id}`, { body });
    else await github("POST", `issues/${number}/comments`, { body });
    console.log(`${old ? "edited" : "posted"} the comment of ${stack} on #${number}`);
  }
}
