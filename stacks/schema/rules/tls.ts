import { expiryDay } from "../../../components/tls/validity";
import type { PlatformConfig } from "..";
import { repetitions, rule, when, type RuleProblem } from "./rule";

type TlsConfig = PlatformConfig["tls"];

/** Generations that peers trust; undefined where the roots are not of the platform's own. */
function trustedOf(tls: TlsConfig): { signing: number; trusted: number[] } | undefined {
  if (tls.mode === "builtIn") {
    return { signing: tls.ca.generation, trusted: tls.ca.trusted.map(({ generation }) => generation) };
  }
  return tls.mode === "certManager" ? { signing: tls.ca.generation, trusted: tls.ca.trusted } : undefined;
}

export const signerIsTrusted = rule(
  "`tls.ca.generation` is one of `tls.ca.trusted`: the new root is trusted before it signs, and the old one dropped after the new one does",
  ["tls"],
  ({ tls }): RuleProblem[] => {
    const { signing = 0, trusted = [] } = trustedOf(tls) ?? {};
    if (trusted.includes(signing) || trusted.length === 0) return [];
    const newest = Math.max(...trusted);
    // Whoever signs with a newer generation went too fast; whoever trusts only newer ones dropped too early.
    if (signing > newest) {
      return [
        {
          path: ["tls", "ca", "generation"],
          message: `generation ${signing} would sign, and no peer trusts it: all would refuse each other`,
          allowed: `a generation of tls.ca.trusted: ${trusted.join(", ")}`,
          next: `keep generation ${newest}, add ${signing} to tls.ca.trusted, and apply that first; then set tls.ca.generation: ${signing}`,
          see: ["tls", "ca", "trusted"],
        },
      ];
    }
    return [
      {
        path: ["tls", "ca", "trusted"],
        message: `generation ${signing} still signs, and no peer would trust it`,
        allowed: `generations with ${signing} among them, as long as tls.ca.generation is ${signing}`,
        next: `keep ${signing} in tls.ca.trusted, set tls.ca.generation: ${newest}, and apply that first; then drop ${signing}`,
        see: ["tls", "ca", "generation"],
      },
    ];
  },
);

export const distinctGenerations = rule("`tls.ca.trusted` names each generation once", ["tls"], ({ tls }) =>
  repetitions((trustedOf(tls)?.trusted ?? []).map(String)).map(([index, first]) => ({
    path: ["tls", "ca", "trusted", index] as const,
    message: `generation ${trustedOf(tls)?.trusted[index] ?? ""} is in the list already`,
    allowed: "each generation once",
    see: ["tls", "ca", "trusted", first] as const,
  })),
);

/** A peer refuses a certificate whose root has expired, however fresh it is itself. */
export const leafWithinRoot = rule(
  "no certificate outlives the root that signed it, or is older",
  ["tls"],
  ({ tls }): RuleProblem[] => {
    if (tls.mode === "certManager") {
      const { ca, leaves } = tls;
      return when(leaves.days >= ca.days, {
        path: ["tls", "leaves", "days"],
        message: `certificates would hold ${leaves.days} days, and their root ${ca.days}`,
        allowed: `a whole number from 2 to ${ca.days - 1}`,
        see: ["tls", "ca", "days"],
      });
    }
    if (tls.mode !== "builtIn") return [];
    const { ca, leaves } = tls;
    const index = ca.trusted.findIndex(({ generation }) => generation === ca.generation);
    const signer = ca.trusted[index];
    if (!signer) return [];
    const rootEnd = expiryDay({ issuedOn: signer.issuedOn, days: ca.days });
    const leafEnd = expiryDay(leaves);
    const see = ["tls", "ca", "trusted", index, "issuedOn"] as const;
    return [
      ...when(leafEnd > rootEnd, {
        path: ["tls", "leaves", "issuedOn"],
        message: `certificates would end on ${leafEnd}, and the root of generation ${ca.generation}, which signs them, on ${rootEnd}`,
        allowed: `a day by which ${leaves.days} days are over before ${rootEnd}`,
        next: `add generation ${Math.max(...ca.trusted.map(({ generation }) => generation)) + 1} to tls.ca.trusted, and let it sign`,
        see,
      }),
      ...when(leaves.issuedOn < signer.issuedOn, {
        path: ["tls", "leaves", "issuedOn"],
        message: `certificates would hold from ${leaves.issuedOn} on, and the root of generation ${ca.generation}, which signs them, from ${signer.issuedOn} on`,
        allowed: `${signer.issuedOn} or later`,
        see,
      }),
    ];
  },
);

export const renewInTime = rule(
  "`tls.leaves.renewBefore` is less than `tls.leaves.days`",
  ["tls"],
  ({ tls }): RuleProblem[] =>
    tls.mode === "off" || tls.mode === "given"
      ? []
      : when(tls.leaves.renewBefore >= tls.leaves.days, {
          path: ["tls", "leaves", "renewBefore"],
          message: `${tls.leaves.renewBefore} days before its end, a certificate of ${tls.leaves.days} days does not hold yet`,
          allowed: `a whole number from 1 to ${tls.leaves.days - 1}`,
          see: ["tls", "leaves", "days"],
        }),
);
