// @ts-check
// Asks before something is done, and why.
import { byId } from "../../../preview/html/browser/dom.js";

/**
 * @param {string} title @param {string} label Of the button that does it. @param {boolean} [hasWhy]
 * @returns {Promise<{ why?: string } | undefined>} undefined: it is not to be done
 */
export const confirmed = (title, label, hasWhy = true) => {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  const why = /** @type {HTMLInputElement} */ (byId("why"));
  const yes = byId("confirm-yes");
  byId("confirm-title").textContent = title;
  byId("confirm-why").hidden = !hasWhy;
  yes.textContent = label;
  why.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  (hasWhy ? why : yes).focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const text = why.value.trim();
        resolve(dialog.returnValue === "yes" ? (text === "" ? {} : { why: text }) : undefined);
      },
      { once: true },
    );
  });
};
