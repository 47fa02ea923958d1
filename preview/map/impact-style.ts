import { IMPACTS, type Impact, type Rollout } from "../impact/report";
import { counted } from "../amounts";

/** How grave an impact is; each has its colour. */
export type Tone = "danger" | "caution" | "calm" | "fresh";

/** How an impact is shown: never by its colour alone. */
export interface ImpactStyle {
  /** One or two characters that fonts everywhere have. */
  sign: string;
  label: string;
  tone: Tone;
}

export const IMPACT_STYLES: Record<Impact, ImpactStyle> = {
  "data-at-risk": { sign: "!!", label: "data at risk", tone: "danger" },
  refused: { sign: "×", label: "refused", tone: "danger" },
  replace: { sign: "⇄", label: "replaced", tone: "danger" },
  delete: { sign: "−", label: "deleted", tone: "danger" },
  "capacity-drop": { sign: "▼", label: "less capacity", tone: "caution" },
  "rolling-restart": { sign: "↻", label: "rolling restart", tone: "caution" },
  "secret-rotation": { sign: "◆", label: "secret rotated", tone: "caution" },
  "config-reload": { sign: "≈", label: "reloaded", tone: "calm" },
  update: { sign: "~", label: "updated", tone: "calm" },
  create: { sign: "+", label: "created", tone: "fresh" },
};

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

function durationText(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
