// @ts-check
// What is wrong, where everybody sees and hears it; one message for each cause.
import { button, byId, make } from "../../../preview/html/browser/dom.js";

/** @type {Map<string, HTMLElement>} */
const notices = new Map();

/**
 * @param {string} cause
 * @param {string} text
 * @param {() => void} [again] What the reader may try; the message goes when it works.
 */
export const warn = (cause, text, again) => {
  if (notices.get(cause)?.dataset["text"] === text) return;
  calm(cause);
  const made = make("p", "notice", make("span", "", text));
  made.dataset["text"] = text;
  if (again) made.append(" ", button("Try again", again));
  notices.set(cause, made);
  byId("notices").append(made);
};

/** @param {string} cause */
export const calm = (cause) => {
  notices.get(cause)?.remove();
  notices.delete(cause);
};
