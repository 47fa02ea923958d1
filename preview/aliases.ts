import type { Alias } from "@pulumi/pulumi/proto/alias_pb";

/** A resource as its URN tells it. */
interface Identity {
  /** URN of the parent; empty for none. */
  parent: string;
  type: string;
  name: string;
}

/** A resource that is registered, and what it says of its former URNs. */
export interface Aliased extends Identity {
  stack: string;
  project: string;
  aliases: readonly Alias[];
}

/** The URN that the engine forms. */
export function urnOf({ parent, type, name, stack, project }: Identity & Pick<Aliased, "stack" | "project">): string {
  const parentType = parent.split("::")[2];
  const prefix = parentType === undefined || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/**
 * All URNs under which a resource may have been known: its own aliases, and those it gets from its parent's, as the
 * engine multiplies them out (pkg/resource/deploy/step_generator.go, generateAliases).
 *
 * @param parentAliases All former URNs of the parent.
 */
export function formerUrns(resource: Aliased, parentAliases: readonly string[]): string[] {
  const { parent, type, name, stack, project, aliases } = resource;
  const own = aliases.map((alias) => (alias.hasUrn() ? alias.getUrn() : urnOfSpec(alias.getSpec(), resource)));
  const known = [{ type, name }, ...own.map(typeAndName)];
  const inherited = parentAliases.flatMap((former) =>
    known.map((one) =>
      urnOf({ parent: former, type: one.type, name: childName(one.name, parent, former), stack, project }),
    ),
  );
  const urn = urnOf(resource);
  return [...new Set([...own, ...inherited])].filter((former) => former !== urn);
}

function urnOfSpec(spec: Alias.Spec | undefined, resource: Aliased): string {
  // Messages have empty texts where nothing was said.
  const said = (text: string | undefined, otherwise: string): string =>
    text === undefined || text === "" ? otherwise : text;
  return urnOf({
    parent: spec?.getNoparent() === true ? "" : said(spec?.getParenturn(), resource.parent),
    type: said(spec?.getType(), resource.type),
    name: said(spec?.getName(), resource.name),
    stack: said(spec?.getStack(), resource.stack),
    project: said(spec?.getProject(), resource.project),
  });
}

function typeAndName(urn: string): Pick<Identity, "type" | "name"> {
  const [, , types = "", name = ""] = urn.split("::");
  return { type: types.slice(types.lastIndexOf("$") + 1), name };
}

/** A child that is named after its parent was so before. */
function childName(name: string, parent: string, former: string): string {
  const parentName = typeAndName(parent).name;
  return name.startsWith(parentName) ? typeAndName(former).name + name.slice(parentName.length) : name;
}
