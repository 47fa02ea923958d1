import { platformSchema, PROJECT, type PlatformConfig } from "../schema";
import { RULES, type Rule, type RuleProblem } from "../schema/rules";
import { valueOf, type MapEntry } from "./entry";
import { explain, missing } from "./explain";
import { causes, inFileOrder, locate, type Finding } from "./finding";
import { sectionsOf, type Section } from "./keys";
import { notationFindings } from "./notation";
import type { Path } from "./path";
import type { ConfigProblem } from "./problem";
import { platformNode, type SchemaNode } from "./schema-node";
import { sealedSection, unseal, type SecretForm } from "./secrets";

/** A checked configuration: complete when there is no problem. */
export type Checked = { config: PlatformConfig; problems: [] } | { config: undefined; problems: ConfigProblem[] };

/**
 * Checks a configuration section by section, so that one broken section hides no mistake in another, then the rules
 * that span sections.
 *
 * @param config Keys as written (`noetl:nats`) and their values.
 * @param formOf How the secrets of a key arrive.
 */
export function checkConfig(config: MapEntry, formOf: (key: string) => SecretForm): Checked {
  const { sections, findings, isForeign } = sectionsOf(config);
  const results = isForeign
    ? []
    : Object.entries(platformNode().properties ?? {}).map(([name, node]) =>
        checkSection(name, node, sections.get(name), formOf),
      );
  const values = Object.fromEntries(
    results.filter((result) => result.findings.length === 0).map(({ name, value }) => [name, value]),
  );
  const keyOf = (name: string) => sections.get(name)?.key ?? `${PROJECT}:${name}`;
  const all = [
    ...findings,
    ...results.flatMap((result) => result.findings),
    ...RULES.flatMap((rule) => applyRule(rule, values, keyOf)),
  ];
  if (all.length === 0) return { config: values as PlatformConfig, problems: [] };
  return { config: undefined, problems: inFileOrder(causes(all).map((finding) => locate(finding, config))) };
}

interface SectionResult {
  name: string;
  value?: unknown;
  findings: Finding[];
}

function checkSection(
  name: string,
  node: SchemaNode,
  section: Section | undefined,
  formOf: (key: string) => SecretForm,
): SectionResult {
  const schema = platformSchema.shape[name as keyof PlatformConfig];
  if (!section) {
    const parsed = schema.safeParse(undefined);
    return parsed.success
      ? { name, value: parsed.data, findings: [] }
      : { name, findings: [missing([`${PROJECT}:${name}`], node)] };
  }
  const path = [section.key];
  const form = formOf(section.key);
  const { entry, findings: sealed } = unseal(section.entry, node, path, form);
  const notation = notationFindings(entry, node, path);
  const parsed = schema.safeParse(valueOf(entry));
  const explained = parsed.success ? [] : explain(parsed.error.issues, { key: section.key, node, entry });
  const findings = [...sealedSection(node, path, form), ...sealed, ...notation, ...explained];
  return { name, findings, ...(parsed.success && { value: parsed.data }) };
}

function applyRule(rule: Rule, values: Partial<PlatformConfig>, keyOf: (name: string) => string): Finding[] {
  if (!rule.needs.every((name) => name in values)) return [];
  const filePath = ([name = "", ...rest]: Path): Path => [keyOf(String(name)), ...rest];
  return rule.check(values as PlatformConfig).map(({ path, see, ...problem }: RuleProblem) => ({
    path: filePath(path),
    ...problem,
    ...(see && { see: filePath(see) }),
  }));
}
