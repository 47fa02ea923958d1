import { givenValidity } from "../../components/tls/given-certificate";
import { daysBetween } from "../../components/tls/validity";
import type { PlatformConfig } from "../../stacks/schema";
import type { Finding } from "./check";

type Given = Extract<PlatformConfig["tls"], { mode: "given" }>;

/** Which of the certificates that were given do not hold today, or not for long; those of CAs, too. */
export function givenFindings(rule: string, { given, renewBefore }: Given, today: string): Finding[] {
  return Object.entries(given).flatMap(([owner, { certificate, ca }]) =>
    Object.entries({ certificate, ca }).flatMap(([part, text]): Finding[] => {
      const resource = `noetl:tls.given.${owner}.${part}`;
      const fix = `give another one, with its key: pulumi config set --path '${resource}' < FILE.pem`;
      return givenValidity(text).flatMap(({ from, to }, index, all): Finding[] => {
        const name = all.length === 1 ? "it" : `certificate ${index + 1} of ${all.length} in it`;
        const found = (severity: Finding["severity"], message: string): Finding[] => [
          { severity, rule, resource, message: `${name} ${message}`, fix },
        ];
        const left = daysBetween(today, dayOf(to));
        if (dayOf(from) > today) {
          return found("error", `holds only from ${momentOf(from)} on: until then peers refuse each other`);
        }
        if (left <= 0) return found("error", `holds until ${momentOf(to)}: from then on peers refuse each other`);
        return left > renewBefore ? [] : found("warning", `holds until ${momentOf(to)}, ${left} days from now`);
      });
    }),
  );
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, "2026-11-21".length);
}

/** `2026-11-21T10:00:00Z`: certificates know no fractions of seconds. */
function momentOf(moment: Date): string {
  return moment.toISOString().replace(".000", "");
}
