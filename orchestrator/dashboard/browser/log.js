// @ts-check
// A log that grows: it goes on with the line where it was when the connection was lost.
import { make } from "../../../preview/html/browser/dom.js";
import { connect, linesOf, pause, Problem } from "./api.js";
import { timeText } from "./words.js";

/** Lines that are shown; what was before them is left out. */
const MOST_LINES = 5000;
const AGAIN_MS = 1500;

/**
 * @param {string} label
 * @param {(after: number) => string} path Of the lines after so many.
 * @param {() => boolean} isEnded Whether nothing more comes.
 */
export const makeLog = (label, path, isEnded) => {
  const over = new AbortController();
  const { signal } = over;
  const lines = make("div", "log");
  lines.tabIndex = 0;
  lines.setAttribute("role", "region");
  lines.setAttribute("aria-label", label);
  const state = make("p", "soft", "…");
  state.setAttribute("role", "status");
  const follow = make("input", "");
  follow.type = "checkbox";
  follow.checked = true;
  const box = make("div", "", make("label", "follow", follow, " Follow"), lines, state);
  let count = 0;
  let dropped = 0;

  const toEnd = () => {
    if (follow.checked) lines.scrollTop = lines.scrollHeight;
  };
  follow.addEventListener("change", toEnd);

  /** @param {{ at: string, stream: string, text: string, container?: string }[]} some */
  const add = (some) => {
    lines.append(
      ...some.map(({ at, stream, text, container }) =>
        make(
          "div",
          `line ${stream}`,
          make("time", "soft", timeText(at).slice(11)),
          ` ${container === undefined ? "" : `${container}: `}${text}`,
        ),
      ),
    );
    count += some.length;
    while (lines.childElementCount > MOST_LINES) {
      lines.firstElementChild?.remove();
      dropped++;
    }
    toEnd();
  };
  const tell = (/** @type {string} */ text) => {
    const left = dropped === 0 ? "" : ` The first ${dropped} lines are not shown.`;
    const said = count === 0 && text === "" ? "Nothing was printed." : text;
    if (state.textContent !== said + left) state.textContent = said + left;
  };

  const read = async () => {
    const response = await connect(path(count), { signal });
    tell("Follows …");
    /** @type {any[]} */
    let some = [];
    let isWaiting = false;
    const flush = () => {
      isWaiting = false;
      add(some);
      some = [];
    };
    try {
      for await (const line of linesOf(response)) {
        if (line === "") continue;
        some.push(JSON.parse(line));
        if (isWaiting) continue;
        isWaiting = true;
        // What comes at once is drawn at once.
        setTimeout(() => isWaiting && flush(), 50);
      }
    } finally {
      flush();
    }
  };
  void (async () => {
    while (!signal.aborted) {
      try {
        await read();
        // One that is retried goes on.
        for (; isEnded() && !signal.aborted; await pause(AGAIN_MS)) tell("");
      } catch (error) {
        if (signal.aborted) return;
        const problem = error instanceof Problem ? error.message : "The connection was lost.";
        tell(`${problem} Trying again …`);
        if (error instanceof Problem && !["unreachable", "timeout"].includes(error.code)) return tell(error.message);
      }
      await pause(AGAIN_MS);
    }
  })();
  return { box, stop: () => over.abort() };
};
