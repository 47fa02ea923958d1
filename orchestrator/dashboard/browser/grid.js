// @ts-check
// A table of many rows, of which only those that are seen are made.
import { byId, make } from "../../../preview/html/browser/dom.js";

/** Pixels; the style sheet has the same. */
const ROW = 34;
/** Rows that are made above and below those that are seen. */
const SPARE = 6;

/**
 * @template T
 * @typedef {object} GridOptions
 * @property {(row: T) => string} key
 * @property {string[]} columns
 * @property {(row: T, cells: HTMLElement[]) => void} fill
 * @property {(row: T) => void} open
 * @property {() => void} more The end is near.
 */

/**
 * @template T
 * @param {GridOptions<T>} options
 */
export const makeGrid = ({ key, columns, fill, open, more }) => {
  const grid = byId("grid");
  const body = byId("rows");
  const head = /** @type {HTMLElement} */ (grid.firstElementChild);
  /** @type {T[]} */
  let rows = [];
  /** The row that the keyboard is at, and the one whose details are open. */
  let active = "";
  let opened = "";
  let isWaiting = false;
  /** @type {Map<string, HTMLElement>} */
  let made = new Map();

  const makeRow = () => {
    const row = make("div", "row", ...columns.map((name) => make("span", name)));
    row.setAttribute("role", "row");
    for (const cell of row.children) cell.setAttribute("role", "gridcell");
    return row;
  };

  const drawNow = () => {
    isWaiting = false;
    const first = Math.max(0, Math.floor(grid.scrollTop / ROW) - SPARE);
    const last = Math.min(rows.length, Math.ceil((grid.scrollTop + grid.clientHeight) / ROW) + SPARE);
    const shown = rows.slice(first, last);
    const keys = new Set(shown.map(key));
    const free = [...made].filter(([one]) => !keys.has(one)).map(([, element]) => element);
    /** @type {Map<string, HTMLElement>} */
    const now = new Map();
    shown.forEach((row, index) => {
      const one = key(row);
      const element = made.get(one) ?? free.pop() ?? makeRow();
      element.id = `row-${one}`;
      element.style.transform = `translateY(${(first + index) * ROW}px)`;
      element.setAttribute("aria-rowindex", String(first + index + 2));
      element.setAttribute("aria-selected", String(one === opened));
      element.classList.toggle("active", one === active);
      fill(row, /** @type {HTMLElement[]} */ ([...element.children]));
      // In the order in which they are seen, for those who hear them.
      if (body.children[index] !== element) body.insertBefore(element, body.children[index] ?? null);
      now.set(one, element);
    });
    for (const element of free) element.remove();
    made = now;
    body.hidden = rows.length === 0;
    body.style.height = `${rows.length * ROW}px`;
    if (now.has(active)) grid.setAttribute("aria-activedescendant", `row-${active}`);
    else grid.removeAttribute("aria-activedescendant");
    if (last >= rows.length - 2 * SPARE) more();
  };
  const redraw = () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(drawNow);
  };

  /** @param {number} index */
  const moveTo = (index) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    if (row === undefined) return;
    active = key(row);
    const top = rows.indexOf(row) * ROW;
    const space = grid.clientHeight - head.offsetHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + ROW > grid.scrollTop + space) grid.scrollTop = top + ROW - space;
    redraw();
  };
  const indexOfActive = () => rows.findIndex((row) => key(row) === active);

  grid.addEventListener("scroll", redraw, { passive: true });
  new ResizeObserver(redraw).observe(grid);
  grid.addEventListener("focus", () => {
    if (indexOfActive() < 0) moveTo(Math.ceil(grid.scrollTop / ROW));
  });
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = indexOfActive();
    const page = Math.max(1, Math.floor(grid.clientHeight / ROW) - 2);
    /** @type {Record<string, () => void>} */
    const moves = {
      ArrowDown: () => moveTo(index + 1),
      ArrowUp: () => moveTo(index - 1),
      PageDown: () => moveTo(index + page),
      PageUp: () => moveTo(index - page),
      Home: () => moveTo(0),
      End: () => moveTo(rows.length - 1),
      Enter: () => rows[index] !== undefined && open(rows[index]),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  body.addEventListener("click", (event) => {
    const row = /** @type {Element} */ (event.target).closest(".row");
    const found = rows.find((one) => `row-${key(one)}` === row?.id);
    if (found === undefined) return;
    active = key(found);
    open(found);
    redraw();
  });

  return {
    /** @param {T[]} all @param {number | undefined} total How many there are, where that is known. */
    show: (all, total) => {
      rows = all;
      grid.setAttribute("aria-rowcount", String(total === undefined ? -1 : total + 1));
      redraw();
    },
    redraw,
    top: () => (grid.scrollTop = 0),
    /** @param {string} id */
    mark: (id) => {
      opened = id;
      if (id !== "") active = id;
      redraw();
    },
    focus: () => grid.focus(),
  };
};
