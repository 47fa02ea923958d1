// @ts-check
// What a task would do or did: each resource with its impact, the reason, and the fields that change.
import { list, make, markOf, section } from "../../../preview/html/browser/dom.js";
import { countText } from "./words.js";

/** @typedef {{ sign: string, tone: string, label: string }} ImpactStyle */
/** @typedef {{ kind: string, namespace: string | null, name: string, impact: string, reason: string, fields: string[] }} Changed */
/** @typedef {{ rule: string, severity: string, message: string }} Finding */
/** @typedef {{ compared_with?: string, changed?: number, unchanged?: number, impacts?: Record<string, number>, resources: Changed[], findings?: Finding[] }} Report */

/** @param {any} result @returns {result is Report} */
const isReport = (result) => Array.isArray(result?.resources);

/** @param {Record<string, ImpactStyle>} styles */
export const reportView = (styles) => {
  const styleOf = (/** @type {string} */ impact) => styles[impact] ?? { sign: "·", tone: "plain", label: impact };
  const order = Object.keys(styles);

  /** @param {Changed} changed */
  const resource = ({ kind, namespace, name, impact, reason, fields }) => {
    const style = styleOf(impact);
    const line = [
      markOf(style),
      " ",
      make("strong", "", `${kind} ${namespace === null ? name : `${namespace}/${name}`}`),
      ` ${style.label}${reason === "" ? "" : `: ${reason}`}`,
    ];
    if (fields.length === 0) return make("li", "", ...line);
    const paths = fields.map((path) => make("li", "", make("code", "", path)));
    const title = make("summary", "", countText(fields.length, "field"));
    return make("li", "", ...line, make("details", "", title, make("ul", "", ...paths)));
  };

  /** @param {import("../../api/task-view").TaskView} task @returns {Node[]} */
  return ({ result, operation }) => {
    const changes = ["preview", "drift"].includes(operation) ? "would change" : "changed";
    if (result === null || result === undefined) return [];
    if (!isReport(result)) return section("Result", json("Result", result));
    const { resources, impacts = {}, findings = [], changed = resources.length, unchanged = 0 } = result;
    const counts = Object.entries(impacts)
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([impact, count]) => make("li", "", markOf(styleOf(impact)), ` ${count} ${styleOf(impact).label}`));
    const compared = result.compared_with === undefined ? "" : `, compared with ${result.compared_with}`;
    const left = changed - resources.length;
    return [
      ...section(
        "What it does",
        make("p", "soft", `${countText(changed, "resource")} of ${changed + unchanged} ${changes}${compared}.`),
        ...list("legend", counts),
        ...list("report", resources.map(resource)),
        ...(left > 0 ? [make("p", "soft", `${left} more stand in the log.`)] : []),
      ),
      ...section(
        "Findings",
        ...list(
          "",
          findings.map(({ rule, severity, message }) =>
            make("li", "", make("strong", "", severity), ` ${message} (${rule})`),
          ),
        ),
      ),
    ];
  };
};

/** @param {string} label @param {unknown} value */
export const json = (label, value) => {
  const pre = make("pre", "", JSON.stringify(value, null, 2));
  pre.tabIndex = 0;
  pre.setAttribute("role", "region");
  pre.setAttribute("aria-label", label);
  return pre;
};
