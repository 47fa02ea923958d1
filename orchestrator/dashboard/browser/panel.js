// @ts-check
// The place for details beside a list: its parts are drawn anew only when what they show has changed.
import { button, byId, make } from "../../../preview/html/browser/dom.js";

/**
 * @template T
 * @typedef {{ of: (value: T) => unknown, draw: (value: T) => Node[] }} Part Drawn when what `of` gives has changed.
 */

const panel = byId("panel");
/** @type {(() => void) | undefined} */
let shut;

/**
 * @template T
 * @param {string} title
 * @param {Part<T>[]} parts
 * @param {() => void} onClose
 * @returns {{ update: (value: T) => void, last: HTMLElement }} and where to put what draws itself
 */
export const openPanel = (title, parts, onClose) => {
  shut?.();
  shut = onClose;
  const heading = make("h2", "", title);
  heading.id = "panel-title";
  heading.tabIndex = -1;
  const boxes = parts.map(() => make("div", ""));
  const last = make("div", "");
  /** @type {(string | undefined)[]} */
  const drawn = parts.map(() => undefined);
  panel.replaceChildren(make("div", "head", heading, button("Close", closePanel, "close")), ...boxes, last);
  panel.hidden = false;
  panel.scrollTop = 0;
  panel.parentElement?.classList.add("open");
  heading.focus();
  return {
    update: (value) => {
      parts.forEach(({ of, draw }, index) => {
        const now = JSON.stringify(of(value)) ?? "";
        const box = boxes[index];
        if (now === drawn[index] || !box) return;
        drawn[index] = now;
        // A button that is gone must not take the keyboard's place with it.
        const hadFocus = box.contains(document.activeElement);
        box.replaceChildren(...draw(value));
        if (hadFocus) heading.focus();
      });
    },
    last,
  };
};

export const closePanel = () => {
  if (!shut) return;
  const onClose = shut;
  shut = undefined;
  panel.hidden = true;
  panel.replaceChildren();
  panel.parentElement?.classList.remove("open");
  onClose();
};
