import { generationOf } from "../../components/tls/generations";
import { manifestOf, type ResourceGraph } from "../graph";
import { at, listOf, textOf } from "../json";
import type { Danger, Hazard } from "./hazard";

/** Roots of the platform's own, of one of the two who make them. */
interface Roots {
  /** Who: roots of the same generation are others with somebody else. */
  by: string;
  /** Resource of each generation that peers trust. */
  trusted: ReadonlyMap<number, string>;
  /** Generations that leaves are signed by. */
  signing: number[];
}

const STEPS = [
  "Trust both: add the new generation to noetl:tls.ca.trusted, leave noetl:tls.ca.generation, and deploy. Wait until every pod has started anew: kubectl -n noetl rollout status deployment,statefulset.",
  "Sign anew: set noetl:tls.ca.generation to the new one, leave both in noetl:tls.ca.trusted, and deploy. With cert-manager, wait for its certificates (kubectl wait certificate --all -n noetl --for=condition=Ready), and restart pods that were faster.",
  "Drop the old one from noetl:tls.ca.trusted, and deploy.",
];

export const rootDropped: Hazard = {
  id: "tls-root-dropped",
  title: "A root of certificates goes while some are signed by it",
  why: "while pods restart one after another, those that have the new roots refuse those that still have an old certificate, and are refused by them",
  safeWay: STEPS,
  find: ({ before, after }) =>
    rootPairs(before.graph, after.graph).flatMap(([was, is]): Danger[] => {
      // A new root signs only when peers trust it already.
      const signing = unknown(was, is).length === 0 ? is.signing : was.signing;
      const [resource = ""] = is.trusted.values();
      return dropped(was, is).map((generation) => ({
        resource,
        what: `generation ${generation}, which certificates are still signed by, is no longer trusted`,
        avoid: `the step between is ${settings(signing, [generation, ...is.trusted.keys()])}`,
      }));
    }),
};

export const rootUnknown: Hazard = {
  id: "tls-root-unknown",
  title: "A root of certificates signs before all peers trust it",
  why: "while pods restart one after another, those that still have the old roots refuse those that have a new certificate",
  safeWay: STEPS,
  find: ({ before, after }) =>
    rootPairs(before.graph, after.graph).flatMap(([was, is]): Danger[] => {
      // The one error has the same step between.
      if (dropped(was, is).length > 0) return [];
      return unknown(was, is).map((generation) => ({
        resource: is.trusted.get(generation) ?? "",
        what: `generation ${generation} is to sign, and peers do not trust it yet`,
        avoid: `the step between is ${settings(was.signing, [...was.trusted.keys(), generation])}`,
      }));
    }),
};

/** Generations that certificates are signed by, and that nobody will trust. */
function dropped(was: Roots, is: Roots): number[] {
  return was.signing.filter((generation) => !is.trusted.has(generation));
}

/** Generations that will sign, and that nobody trusts. */
function unknown(was: Roots, is: Roots): number[] {
  return is.signing.filter((generation) => !was.trusted.has(generation));
}

/** Roots of both sides, where the same one makes them. Leaves of somebody else's cannot be told from each other. */
function rootPairs(before: ResourceGraph, after: ResourceGraph): [Roots, Roots][] {
  const now = rootsOf(after);
  return rootsOf(before).flatMap((was) =>
    now.filter(({ by }) => by === was.by).map((is) => [was, is] as [Roots, Roots]),
  );
}

function rootsOf(graph: ResourceGraph): Roots[] {
  return [builtIn(graph), certManager(graph)].filter(({ trusted, signing }) => trusted.size > 0 && signing.length > 0);
}

/** A generation is a seed, and the one that signs is protected. */
function builtIn({ resources }: ResourceGraph): Roots {
  const own = resources.filter(({ urn }) => urn.includes("noetl:tls:BuiltInAuthority$"));
  const seeds = own.flatMap(({ urn, name, protect }) => {
    const [, generation] = /-generation-(\d+)$/.exec(name) ?? [];
    return generation === undefined ? [] : [{ urn, generation: Number(generation), protect }];
  });
  const hasLeaves = own.some(({ type }) => type.endsWith(":Secret"));
  return {
    by: "builtIn",
    trusted: new Map(seeds.map(({ generation, urn }) => [generation, urn])),
    signing: seeds.filter(({ protect }) => protect && hasLeaves).map(({ generation }) => generation),
  };
}

/** A generation is a Certificate that signs, and those of peers name its issuer. */
function certManager({ resources }: ResourceGraph): Roots {
  const trusted = new Map<number, string>();
  const signing = new Set<number>();
  for (const resource of resources) {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "Certificate" || !resource.urn.includes("noetl:tls:CertManagerAuthority$")) continue;
    const own = generationOf(manifest.metadata.name);
    if (at(manifest.spec, "isCA") === true && own !== undefined) trusted.set(own, resource.urn);
    const isPeer = listOf(at(manifest.spec, "usages")).some(
      (usage) => usage === "server auth" || usage === "client auth",
    );
    const issuer = textOf(at(manifest.spec, "issuerRef", "name"))?.replace(/-issuer$/, "");
    const signer = issuer === undefined ? undefined : generationOf(issuer);
    if (isPeer && signer !== undefined) signing.add(signer);
  }
  return { by: "certManager", trusted, signing: [...signing] };
}

function settings(signing: readonly number[], trusted: readonly number[]): string {
  const both = [...new Set(trusted)].sort((one, other) => one - other).join(" and ");
  return `noetl:tls.ca.generation: ${signing.join(", ")} with generations ${both} in noetl:tls.ca.trusted`;
}
