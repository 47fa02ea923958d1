// @ts-check
// Charts of the last hour, drawn as SVG.

/** @typedef {{ at: string, submitted: number, completed: number, failed: number, cancelled: number, pending: number, running: number }} Span */
/** @typedef {{ seconds: number, spans: Span[] }} ActivityView */

const WIDTH = 360;
const HEIGHT = 64;
/** Bars of a chart: a minute each. */
const BARS = 60;

/** @param {string} tag @param {Record<string, string | number>} attributes @param {(Node | string)[]} content */
const draw = (tag, attributes, ...content) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...content);
  return made;
};

/** The last hour by minutes, the newest last; a minute before the service started is undefined. @param {ActivityView} activity */
const minutesOf = ({ spans }) => {
  /** @type {(Span | undefined)[]} */
  const minutes = Array.from({ length: BARS });
  const newest = spans.at(-1);
  if (!newest) return minutes;
  const last = Math.floor(Date.parse(newest.at) / 60_000);
  for (const span of spans) {
    const index = BARS - 1 - (last - Math.floor(Date.parse(span.at) / 60_000));
    if (index < 0) continue;
    const before = minutes[index];
    minutes[index] = before
      ? {
          ...span,
          submitted: before.submitted + span.submitted,
          completed: before.completed + span.completed,
          failed: before.failed + span.failed,
          cancelled: before.cancelled + span.cancelled,
          // The deepest that it was, so that no peak is lost.
          pending: Math.max(before.pending, span.pending),
          running: Math.max(before.running, span.running),
        }
      : span;
  }
  return minutes;
};

/**
 * @param {string} id
 * @param {string} title
 * @param {string} text What a chart says, for those who do not see it.
 * @param {(Span | undefined)[]} minutes
 * @param {{ style: string, of: (span: Span) => number }[]} layers From below.
 */
const bars = (id, title, text, minutes, layers) => {
  const sum = (/** @type {Span} */ span) => layers.reduce((total, { of }) => total + of(span), 0);
  const most = Math.max(1, ...minutes.map((span) => (span ? sum(span) : 0)));
  const step = WIDTH / BARS;
  const drawn = minutes.flatMap((span, index) => {
    if (!span) return [];
    let y = HEIGHT;
    return layers.flatMap(({ style, of }) => {
      const height = (of(span) / most) * HEIGHT;
      if (height === 0) return [];
      y -= height;
      const [x, width] = [(index * step).toFixed(1), (step - 1).toFixed(1)];
      return [draw("rect", { class: style, x, y: y.toFixed(1), width, height: height.toFixed(1) })];
    });
  });
  return draw(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT + 1}`,
      preserveAspectRatio: "none",
      class: "chart",
      role: "img",
      "aria-labelledby": `${id}-title ${id}-text`,
    },
    draw("title", { id: `${id}-title` }, title),
    draw("desc", { id: `${id}-text` }, text),
    draw("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT + 0.5, y2: HEIGHT + 0.5 }),
    ...drawn,
  );
};

/** @param {ActivityView} activity */
export const depthChart = (activity) => {
  const minutes = minutesOf(activity);
  const now = activity.spans.at(-1);
  const most = Math.max(0, ...minutes.map((span) => (span ? span.pending + span.running : 0)));
  const text = `Now ${now?.pending ?? 0} wait and ${now?.running ?? 0} run; ${most} at most in the last hour`;
  return {
    text,
    chart: bars("depth", "Queue depth by minute", text, minutes, [
      { style: "calm-bar", of: ({ running }) => running },
      { style: "plain-bar", of: ({ pending }) => pending },
    ]),
  };
};

/** @param {ActivityView} activity */
export const throughputChart = (activity) => {
  const minutes = minutesOf(activity);
  const total = (/** @type {"completed" | "failed" | "cancelled"} */ key) =>
    minutes.reduce((sum, span) => sum + (span?.[key] ?? 0), 0);
  const text = `In the last hour ${total("completed")} completed, ${total("failed")} failed, ${total("cancelled")} cancelled`;
  return {
    text,
    chart: bars("throughput", "Tasks ended by minute", text, minutes, [
      { style: "fresh-bar", of: ({ completed }) => completed },
      { style: "danger-bar", of: ({ failed }) => failed },
      { style: "plain-bar", of: ({ cancelled }) => cancelled },
    ]),
  };
};
