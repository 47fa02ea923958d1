// @ts-check
// How pages make elements: of text only, never of markup.

/** @param {string} id */
export const byId = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
};

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {string} style
 * @param {(Node | string)[]} content
 */
export const make = (tag, style, ...content) => {
  const made = document.createElement(tag);
  if (style !== "") made.className = style;
  made.append(...content);
  return made;
};

/** A heading and what is below it; nothing where there is nothing. @param {string} title @param {Node[]} content */
export const section = (title, ...content) => (content.length === 0 ? [] : [make("h3", "", title), ...content]);

/** @param {string} style @param {Node[]} entries */
export const list = (style, entries) => (entries.length === 0 ? [] : [make("ul", style, ...entries)]);

/** @param {string} label @param {() => void} act @param {string} [style] */
export const button = (label, act, style = "") => {
  const made = make("button", style, label);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};

/** A sign with its colour; what it means stands beside it in words. @param {{ sign: string, tone: string }} style */
export const markOf = ({ sign, tone }) => {
  const mark = make("span", `mark ${tone}`, sign);
  mark.setAttribute("aria-hidden", "true");
  return mark;
};
