import { counted } from "../amounts";
import { IMPACTS, type Impact, type Rollout } from "../impact/report";
import { durationText, IMPACT_WORDS } from "../impact/words";

/** How grave an impact is; each has its colour. */
export type Tone = "danger" | "caution" | "calm" | "fresh";

/** How an impact is shown: never by its colour alone. */
export interface ImpactStyle {
  /** One or two characters that fonts everywhere have. */
  sign: string;
  label: string;
  tone: Tone;
}

const SIGNS: Record<Impact, Omit<ImpactStyle, "label">> = {
  "data-at-risk": { sign: "!!", tone: "danger" },
  refused: { sign: "×", tone: "danger" },
  replace: { sign: "⇄", tone: "danger" },
  delete: { sign: "−", tone: "danger" },
  "capacity-drop": { sign: "▼", tone: "caution" },
  "rolling-restart": { sign: "↻", tone: "caution" },
  "secret-rotation": { sign: "◆", tone: "caution" },
  "config-reload": { sign: "≈", tone: "calm" },
  update: { sign: "~", tone: "calm" },
  create: { sign: "+", tone: "fresh" },
};

export const IMPACT_STYLES = Object.fromEntries(
  IMPACTS.map((impact) => [impact, { ...SIGNS[impact], label: IMPACT_WORDS[impact][0] }]),
) as Record<Impact, ImpactStyle>;

/** The graver of two; undefined is none. */
export function graver(a: Impact | undefined, b: Impact | undefined): Impact | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return IMPACTS.indexOf(a) <= IMPACTS.indexOf(b) ? a : b;
}

/** Ink and fill of a tone, on light and on dark. */
export const TONES: Record<"light" | "dark", Record<Tone, readonly [ink: string, fill: string]>> = {
  light: {
    danger: ["#9f1239", "#ffe4e8"],
    caution: ["#8a4b05", "#fdeecb"],
    calm: ["#1d4ed8", "#e3ecfe"],
    fresh: ["#14652f", "#dcf5e3"],
  },
  dark: {
    danger: ["#fda4b4", "#4a1624"],
    caution: ["#f6c177", "#3d2b10"],
    calm: ["#93b8fd", "#1b2c4f"],
    fresh: ["#7ee2a0", "#143a22"],
  },
};

function rules(tones: Record<Tone, readonly [string, string]>): string {
  return Object.entries(tones)
    .map(
      ([tone, [ink, fill]]) =>
        `.np .${tone}{fill:${fill};stroke:${ink};stroke-width:1}.np .${tone}-ink{fill:${ink}}.np .${tone}-edge{stroke:${ink};stroke-width:2}`,
    )
    .join("");
}

/** The rules of a picture that shows impact. */
export const TONE_RULES = `${rules(TONES.light)}\n@media (prefers-color-scheme:dark){${rules(TONES.dark)}}`;

/** `3 pods, 1 away at a time, 5 min at most`. */
export function rolloutText({ pods, unavailable, surge, longestSeconds, quorumHolds, budgetHolds }: Rollout): string {
  return [
    counted(pods, "pod"),
    unavailable > 0 ? `${unavailable} away at a time` : "none away",
    ...(surge > 0 ? [`${surge} more meanwhile`] : []),
    `${durationText(longestSeconds)} at most`,
    ...(quorumHolds === undefined ? [] : [quorumHolds ? "quorum holds" : "quorum is lost"]),
    ...(budgetHolds === undefined ? [] : [budgetHolds ? "disruption budget kept" : "disruption budget broken"]),
  ].join(", ");
}
