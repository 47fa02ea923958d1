// @ts-check
// What a page of noetl-ops graph does in a browser. It makes text only, never markup, and asks no machine for anything.
import { button, byId, list, make, markOf, section } from "../../html/browser/dom.js";
{
  /** @typedef {{ sign: string, tone: string, label: string, reason: string, fields: string[] }} Effect */
  /** @typedef {{ path: string, before: string, after: string }} Field */
  /** @typedef {{ effects: Effect[], rollout?: string, edits: string[], fields: Field[] }} Change */
  /** @typedef {{ key: string, name: string, kind: string, parent?: number, facts: [string, string][], text?: string, change?: Change }} Place */
  /** @typedef {{ places: Place[], links: [number, number, string][], compared?: string }} Data */

  const data = /** @type {Data} */ (JSON.parse(byId("data").textContent ?? ""));
  const { places, links } = data;
  const tree = byId("tree");
  const search = /** @type {HTMLInputElement} */ (byId("search"));
  const found = byId("found");
  const panel = byId("panel");
  const picture = byId("picture");
  const main = /** @type {HTMLElement} */ (panel.parentElement);
  const items = places.map((_, id) => byId(`t${id}`));
  /** Each with all that is in it. */
  const entries = items.map((item) => /** @type {HTMLElement} */ (item.parentElement));
  /** A platform of so few resources is open from the start. */
  const FEW = 40;

  // --- outline ---

  /** @param {Element} item */
  const idOf = (item) => Number(item.id.slice(1));
  /** @param {number} id @param {boolean} open */
  const expand = (id, open) => {
    if (items[id]?.hasAttribute("aria-expanded")) items[id].setAttribute("aria-expanded", String(open));
  };
  /** @param {number} id */
  const isOpen = (id) => items[id]?.getAttribute("aria-expanded") === "true";
  /** @param {number} id */
  const ancestors = (id) => {
    const result = [];
    for (let up = places[id]?.parent; up !== undefined; up = places[up]?.parent) result.push(up);
    return result;
  };
  /** Numbers of the places that the outline shows now, from top to bottom. */
  const visible = () =>
    places.flatMap((_, id) => (entries[id]?.hidden || ancestors(id).some((up) => !isOpen(up)) ? [] : [id]));
  /** Only one place can be reached by Tab. */
  let current = 0;
  /** @param {number} id */
  const makeCurrent = (id) => {
    items[current]?.setAttribute("tabindex", "-1");
    current = id;
    items[id]?.setAttribute("tabindex", "0");
  };
  /** @param {number | undefined} id */
  const focus = (id) => {
    if (id === undefined) return;
    for (const up of ancestors(id)) expand(up, true);
    makeCurrent(id);
    items[id]?.focus();
  };

  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = visible();
    const index = shown.indexOf(current);
    const hasChildren = items[current]?.hasAttribute("aria-expanded") ?? false;
    /** @type {Record<string, () => void>} */
    const moves = {
      ArrowDown: () => focus(shown[index + 1]),
      ArrowUp: () => focus(shown[index - 1]),
      Home: () => focus(shown[0]),
      End: () => focus(shown.at(-1)),
      ArrowRight: () =>
        hasChildren && !isOpen(current) ? expand(current, true) : hasChildren && focus(shown[index + 1]),
      ArrowLeft: () => (hasChildren && isOpen(current) ? expand(current, false) : focus(places[current]?.parent)),
      Enter: () => open(current),
      " ": () => open(current),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  tree.addEventListener("click", (event) => {
    const item = /** @type {Element} */ (event.target).closest("[role=treeitem]");
    if (!item) return;
    const id = idOf(item);
    const again = current === id && !panel.hidden;
    focus(id);
    expand(id, !(again && isOpen(id)));
    open(id, false);
  });
  tree.addEventListener("focusin", (event) => {
    const item = /** @type {Element} */ (event.target).closest("[role=treeitem]");
    if (item) emphasise(idOf(item));
  });

  // --- search ---

  const words = places.map(({ name, kind, facts, text }) =>
    [name, kind, ...facts.map(([, fact]) => fact), text ?? ""].join("\n").toLowerCase(),
  );
  /** @type {number[]} */
  let matches = [];
  /** What was open before the search. @type {boolean[] | undefined} */
  let before;

  const find = () => {
    const wanted = search.value
      .trim()
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    if (wanted.length === 0) {
      entries.forEach((entry, id) => {
        entry.hidden = false;
        if (before) expand(id, before[id] ?? false);
      });
      before = undefined;
      matches = [];
      found.textContent = "";
      return;
    }
    before ??= places.map((_, id) => isOpen(id));
    matches = places.flatMap((_, id) => (wanted.every((word) => words[id]?.includes(word)) ? [id] : []));
    const shown = new Set(matches.flatMap((id) => [id, ...ancestors(id)]));
    entries.forEach((entry, id) => {
      entry.hidden = !shown.has(id);
    });
    for (const id of matches) for (const up of ancestors(id)) expand(up, true);
    found.textContent = matches.length === 0 ? "nothing found" : `${matches.length} of ${places.length} found`;
    if (matches[0] !== undefined) makeCurrent(matches[0]);
  };
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") focus(matches[0] ?? visible()[0]);
    else if (event.key === "Enter") open(matches[0]);
    else if (event.key === "Escape" && search.value !== "") {
      search.value = "";
      find();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  });

  // --- picture ---

  const parts = /** @type {HTMLElement[]} */ ([...picture.querySelectorAll(".part[data-place]")]);
  const arrows = /** @type {HTMLElement[]} */ ([...picture.querySelectorAll(".arrow")]);
  const cards = [...picture.querySelectorAll("svg > .part")];
  /** @type {Map<number, HTMLElement[]>} */
  const drawn = new Map();
  for (const part of parts) {
    const id = Number(part.dataset.place);
    drawn.set(id, [...(drawn.get(id) ?? []), part]);
  }
  /** What stands for a place in the picture: itself, or the component that is drawn instead. @param {number} id */
  const partsOf = (id) => [id, ...ancestors(id)].map((one) => drawn.get(one)).find((some) => some) ?? [];
  /** Components count with all that is in them. @param {number} id @param {number} of */
  const isIn = (id, of) => id === of || ancestors(id).includes(of);

  /** Shows what a place needs and who needs it. @param {number | undefined} id */
  const emphasise = (id) => {
    for (const one of [...parts, ...arrows, ...cards]) one.classList.remove("self", "related", "faded", "strong");
    if (id === undefined) return;
    for (const [from, to] of links) {
      const other = isIn(from, id) ? to : isIn(to, id) ? from : undefined;
      if (other !== undefined && !isIn(other, id)) for (const part of partsOf(other)) part.classList.add("related");
    }
    for (const part of partsOf(id)) {
      part.classList.remove("related");
      part.classList.add("self");
    }
    const touched = cards.filter((card) => card.matches(".self,.related") || card.querySelector(".self,.related"));
    // Where the picture does not have it, it stays as it is.
    if (touched.length === 0) return;
    const own = cards.find((card) => card.matches(".self") || card.querySelector(".self"));
    const ends = (/** @type {Element | undefined} */ card) =>
      new Set([card, ...(card?.querySelectorAll("[data-place]") ?? [])].map((one) => one?.getAttribute("data-place")));
    const [mine, theirs] = [ends(own), touched.map(ends)];
    for (const card of cards) card.classList.toggle("faded", !touched.includes(card));
    for (const arrow of arrows) {
      const { from, to } = arrow.dataset;
      const other = mine.has(from) ? to : mine.has(to) ? from : undefined;
      const strong = other !== undefined && theirs.some((card) => card.has(other));
      arrow.classList.toggle("strong", strong);
      arrow.classList.toggle("faded", !strong);
    }
  };
  /** @type {number | undefined} */
  let opened;
  /** @param {Event} event */
  const placeAt = (event) => {
    const part = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".part[data-place]"));
    return part ? Number(part.dataset.place) : undefined;
  };
  // Where the mouse was last: when the picture moves below it, that is no wish to see something else.
  let [lastX, lastY] = [-1, -1];
  picture.addEventListener("mousemove", ({ clientX, clientY }) => ([lastX, lastY] = [clientX, clientY]));
  picture.addEventListener("mouseover", (event) => {
    if (event.clientX !== lastX || event.clientY !== lastY) emphasise(placeAt(event) ?? opened);
  });
  picture.addEventListener("mouseleave", () => emphasise(opened));
  tree.addEventListener("mouseover", (event) => {
    const item = /** @type {Element} */ (event.target).closest("[role=treeitem]");
    emphasise(item ? idOf(item) : opened);
  });
  tree.addEventListener("mouseleave", () => emphasise(opened));
  picture.addEventListener("click", (event) => {
    const id = placeAt(event);
    if (id === undefined) return;
    focus(id);
    items[id]?.scrollIntoView({ block: "nearest" });
    open(id, false);
  });
  for (const [name, full] of /** @type {[string, boolean][]} */ ([
    ["fit", false],
    ["full", true],
  ])) {
    byId(name).addEventListener("click", () => {
      picture.classList.toggle("full", full);
      byId("fit").setAttribute("aria-pressed", String(!full));
      byId("full").setAttribute("aria-pressed", String(full));
    });
  }

  // --- details ---

  /** @param {number} id */
  const linkTo = (id) => {
    const { kind = "", name = "" } = places[id] ?? {};
    const show = () => {
      focus(id);
      open(id);
    };
    return button(`${kind} ${name}`, show, "link");
  };
  /** What a place needs, or who needs it; for a component, what anything in it does. @param {number} id @param {0 | 1} end */
  const related = (id, end) => {
    const lines = new Map(
      links.flatMap((link) => {
        const other = link[end === 0 ? 1 : 0];
        return isIn(link[end], id) && !isIn(other, id)
          ? [[`${other} ${link[2]}`, /** @type {const} */ ([other, link[2]])]]
          : [];
      }),
    );
    return [...lines.values()].map(([other, reason]) =>
      make("li", "", ...(end === 0 ? [`${reason} `, linkTo(other)] : [linkTo(other), ` ${reason} it`])),
    );
  };
  /** What a change affects in a component. @param {number} id */
  const affectedIn = (id) =>
    places.flatMap(({ change }, other) => {
      const [worst] = change?.effects ?? [];
      return worst && other !== id && isIn(other, id)
        ? [make("li", "", markOf(worst), " ", linkTo(other), ` ${worst.label}`)]
        : [];
    });
  /** @param {Change} change */
  const changeOf = ({ effects, rollout, edits, fields }) => [
    ...list(
      "",
      effects.map((effect) => {
        const { label, reason, fields: causes } = effect;
        const why = causes.length === 0 ? "" : ` (${causes.join(", ")})`;
        return make("li", "", markOf(effect), " ", make("strong", "", label), `: ${reason}${why}`);
      }),
    ),
    ...(rollout === undefined ? [] : [make("p", "", `Pods: ${rollout}`)]),
    ...(edits.length === 0 ? [] : [make("p", "", `Edited: ${edits.join(", ")}`)]),
    ...list(
      "fields",
      fields.map(({ path, before: was, after: is }) =>
        make(
          "li",
          "",
          make("code", "", path),
          make("div", "", make("del", "soft", was || "nothing"), " → ", make("ins", "", is || "nothing")),
        ),
      ),
    ),
  ];
  /** Keys of a manifest stand out. @param {string} text */
  const manifest = (text) => {
    const pre = make("pre", "");
    pre.tabIndex = 0;
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", "Manifest");
    for (const line of text.split("\n")) {
      const [, lead = "", key] = /^(\s*(?:- )*)([^\s:"'#|>][^:"]*)(?=:(?: |$))/.exec(line) ?? [];
      if (key === undefined) pre.append(`${line}\n`);
      else pre.append(lead, make("b", "", key), `${line.slice(lead.length + key.length)}\n`);
    }
    return pre;
  };

  /** @param {number | undefined} id @param {boolean} [enter] Whether the keyboard goes there, too. */
  const open = (id, enter = true) => {
    const place = id === undefined ? undefined : places[id];
    if (id === undefined || !place) return;
    if (opened !== undefined) items[opened]?.removeAttribute("aria-selected");
    opened = id;
    items[id]?.setAttribute("aria-selected", "true");
    makeCurrent(id);
    const title = make("h2", "", place.name);
    title.id = "panel-title";
    title.tabIndex = -1;
    const shut = button("Close", () => close(), "close");
    const facts = place.facts.filter(([name]) => name !== "");
    const plain = place.facts.filter(([name]) => name === "").map(([, fact]) => fact);
    const path = ancestors(id).reverse();
    panel.replaceChildren(
      make("div", "head", make("div", "", title, make("p", "soft", [place.kind, ...plain].join(" · "))), shut),
      make(
        "dl",
        "",
        ...facts.flatMap(([name, fact]) => [make("dt", "", name), make("dd", "", fact)]),
        ...(path.length === 0
          ? []
          : [
              make("dt", "", "in"),
              make("dd", "", ...path.flatMap((up, at) => (at === 0 ? [linkTo(up)] : [" › ", linkTo(up)]))),
            ]),
      ),
      ...(place.change ? section("What the change does", ...changeOf(place.change)) : []),
      ...section("What the change does in it", ...list("", affectedIn(id))),
      ...section("Needs", ...list("", related(id, 0))),
      ...section("Needed by", ...list("", related(id, 1))),
      ...(place.text === undefined ? [] : section("Manifest", manifest(place.text))),
    );
    panel.hidden = false;
    panel.scrollTop = 0;
    main.classList.add("open");
    emphasise(id);
    // On a narrow screen, where all stands below each other, the details are what was asked for.
    const isNarrow = getComputedStyle(main).display === "block";
    (isNarrow ? panel : partsOf(id)[0])?.scrollIntoView({ block: isNarrow ? "start" : "nearest", inline: "nearest" });
    history.replaceState(null, "", `#${encodeURI(place.key)}`);
    if (enter) title.focus();
  };
  const close = () => {
    if (opened === undefined) return;
    const id = opened;
    items[id]?.removeAttribute("aria-selected");
    opened = undefined;
    panel.hidden = true;
    main.classList.remove("open");
    history.replaceState(null, "", location.href.replace(/#.*/, ""));
    focus(id);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });

  // --- start ---

  const isSmall = places.length <= FEW;
  places.forEach((_, id) => expand(id, isSmall));
  places.forEach(({ change }, id) => {
    if (change) for (const up of ancestors(id)) expand(up, true);
  });
  makeCurrent(0);
  const wanted = decodeURI(location.hash.slice(1));
  const start = places.findIndex(({ key }) => wanted !== "" && key === wanted);
  if (start >= 0) {
    focus(start);
    open(start);
  }
}
