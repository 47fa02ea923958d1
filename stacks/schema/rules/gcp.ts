import { overlaps, sizeOf } from "../../../components/gcp/cidr";
import { tierOf } from "../../../components/gcp/tiers";
import type { GcpConfig } from "..";
import { PRODUCTION } from "../gcp";
import { withinLimits } from "./resources";
import { rule, when, type RulePath, type RuleProblem } from "./rule";

export const cloudSqlNeeds = rule(
  "`postgres.mode: cloudSql` needs `gcp`, and in the platform layer `pgbouncer`, which the Auth Proxy stands beside",
  ["postgres", "gcp", "pgbouncer"],
  ({ postgres, gcp, pgbouncer }) => {
    if (postgres.mode !== "cloudSql") return [];
    const path: RulePath = ["postgres", "mode"];
    return [
      ...when(gcp === undefined, {
        path,
        message: "a Cloud SQL instance is in a project and region, and there is no gcp",
        allowed: "cloudSql with noetl:gcp, else inCluster or external",
        next: "set gcp.project and gcp.region",
      }),
      ...when(gcp?.layer === "platform" && pgbouncer === undefined, {
        path,
        message: "the instance is reached through PgBouncer, and there is no pgbouncer",
        allowed: "cloudSql with noetl:pgbouncer",
        next: "add noetl:pgbouncer: {}",
      }),
    ];
  },
);

export const knownTier = rule("`postgres.tier` is a machine of Cloud SQL", ["postgres"], ({ postgres }) => {
  if (postgres.mode !== "cloudSql") return [];
  const problem = tierOf(postgres.tier);
  if (typeof problem !== "string") return [];
  return [
    {
      path: ["postgres", "tier"],
      message: `"${postgres.tier}" ${problem}`,
      allowed:
        "db-custom-CORES-MEGABYTES such as db-custom-2-7680, db-perf-optimized-N-CORES, db-g1-small or db-f1-micro",
    },
  ];
});

export const diskLimit = rule("`postgres.diskSize` is at most `postgres.diskLimit`", ["postgres"], ({ postgres }) =>
  postgres.mode !== "cloudSql"
    ? []
    : when(postgres.diskSize > postgres.diskLimit, {
        path: ["postgres", "diskLimit"],
        message: `${postgres.diskLimit} GB are less than the ${postgres.diskSize} that it begins with`,
        allowed: `at least ${postgres.diskSize}`,
        see: ["postgres", "diskSize"],
      }),
);

export const oneMaxConnections = rule(
  "`postgres.flags` does not have `max_connections`, which is a setting of its own",
  ["postgres"],
  ({ postgres }) =>
    (postgres.mode === "cloudSql" ? postgres.flags : []).flatMap(({ name }, index) =>
      when(name === "max_connections", {
        path: ["postgres", "flags", index, "name"],
        message: "the connection budget goes by postgres.maxConnections",
        allowed: "other flags",
        next: "move the number to postgres.maxConnections",
      }),
    ),
);

export const proxyResources = rule("what a container requests is at most its limit", ["postgres"], ({ postgres }) =>
  postgres.mode === "cloudSql"
    ? withinLimits(["postgres"], postgres.proxyResources).map((problem) => ({
        ...problem,
        path: problem.path.map((step) => (step === "resources" ? "proxyResources" : step)) as unknown as RulePath,
        ...(problem.see && {
          see: problem.see.map((step) => (step === "resources" ? "proxyResources" : step)) as unknown as RulePath,
        }),
      }))
    : [],
);

/** Every range that the stack takes, by where it is said. */
function rangesOf({ network, cluster }: GcpConfig): [RulePath, string][] {
  return [
    ...(network.mode === "create"
      ? (["nodes", "pods", "services", "privateServices"] as const).map((key): [RulePath, string] => [
          ["gcp", "network", key],
          network[key],
        ])
      : []),
    ...(cluster.mode === "existing"
      ? []
      : [[["gcp", "cluster", "controlPlane"], cluster.controlPlane] as [RulePath, string]]),
  ];
}

export const apartRanges = rule(
  "the address ranges of nodes, pods, Services, Cloud SQL and control plane do not overlap",
  ["gcp"],
  ({ gcp }) => {
    const ranges = gcp ? rangesOf(gcp) : [];
    return ranges.flatMap(([path, cidr], index) =>
      ranges.slice(0, index).flatMap(([other, earlier]) =>
        when(overlaps(cidr, earlier), {
          path,
          message: `${cidr} and ${earlier} of ${other.join(".")} have addresses in common`,
          allowed: "a range that overlaps no other one of gcp",
          see: other,
        }),
      ),
    );
  },
);

/** Least addresses of each range: a node takes 256 of the pods', an instance's region a /24. */
const LEAST = { nodes: 8, pods: 4096, services: 256, privateServices: 256 } as const;

export const largeRanges = rule(
  "the ranges of `gcp.network` are large enough: /29 for nodes, /20 for pods, /24 for Services and Cloud SQL; `gcp.cluster.controlPlane` is a /28",
  ["gcp"],
  ({ gcp }) => {
    if (!gcp) return [];
    const { network, cluster } = gcp;
    const ranges: RuleProblem[] =
      network.mode === "existing"
        ? []
        : (Object.keys(LEAST) as (keyof typeof LEAST)[]).flatMap((key) =>
            when(sizeOf(network[key]) < LEAST[key], {
              path: ["gcp", "network", key],
              message: `${network[key]} has ${sizeOf(network[key])} addresses`,
              allowed: `a range of at least ${LEAST[key]} addresses, a /${32 - Math.log2(LEAST[key])}`,
            }),
          );
    return [
      ...ranges,
      ...when(cluster.mode !== "existing" && sizeOf(cluster.controlPlane) !== 16, {
        path: ["gcp", "cluster", "controlPlane"],
        message: `${cluster.mode === "existing" ? "" : cluster.controlPlane} is not a /28`,
        allowed: "a /28 such as 172.16.0.0/28",
      }),
    ];
  },
);

export const protectedInProduction = rule(
  "in the profile `gke`, `gcp.deletionProtection: false` needs a reason, `gcp.unprotectedBecause`",
  ["profile", "gcp"],
  ({ profile, gcp }) =>
    when(
      gcp !== undefined && !gcp.deletionProtection && gcp.unprotectedBecause === undefined && PRODUCTION.has(profile),
      {
        path: ["gcp", "deletionProtection"],
        message: "one wrong command could delete the cluster and the database",
        allowed: "true, or false with gcp.unprotectedBecause",
        next: "set gcp.unprotectedBecause to the reason",
      },
    ),
);

/** A context as `gcloud container clusters get-credentials` writes it. */
const GKE_CONTEXT = /^gke_([^_]+)_([^_]+)_([^_]+)$/;

export const contextOfCluster = rule(
  "a `cluster.context` that gcloud wrote names the project, region and cluster of `gcp`",
  ["cluster", "gcp"],
  ({ cluster, gcp }) => {
    const [, project, region, name] = GKE_CONTEXT.exec(cluster.context) ?? [];
    if (!gcp || project === undefined) return [];
    const differing = [
      ...(project === gcp.project ? [] : [`project ${project}, not ${gcp.project}`]),
      ...(region === gcp.region ? [] : [`region ${region ?? ""}, not ${gcp.region}`]),
      ...(name === gcp.cluster.name ? [] : [`cluster ${name ?? ""}, not ${gcp.cluster.name}`]),
    ];
    return when(differing.length > 0, {
      path: ["cluster", "context"],
      message: `is of ${differing.join(", ")}`,
      allowed: `gke_${gcp.project}_${gcp.region}_${gcp.cluster.name}, or a name of your own`,
      see: ["gcp"],
    });
  },
);

/** Pulling from another region costs for each byte, and stops when that region does. */
export const imagesOfRegion = rule(
  "images of the project's own Artifact Registry are in `gcp.region`",
  ["gcp", "server", "gateway", "workerPools", "systemPool", "pgbouncer"],
  ({ gcp, server, gateway, workerPools, systemPool, pgbouncer }) => {
    if (!gcp) return [];
    const images: [RulePath, string | undefined][] = [
      [["server", "image"], server.image],
      [["gateway", "image"], gateway?.image],
      ...workerPools.map(({ image }, index): [RulePath, string | undefined] => [
        ["workerPools", index, "image"],
        image,
      ]),
      [["systemPool", "image"], systemPool.image],
      [["pgbouncer", "image"], pgbouncer?.image],
    ];
    return images.flatMap(([path, image]) => {
      const [, region, project] = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+)\//.exec(image ?? "") ?? [];
      return when(region !== undefined && project === gcp.project && region !== gcp.region, {
        path,
        message: `is in ${region ?? ""}, and the cluster in ${gcp.region}`,
        allowed: `an image of ${gcp.region}-docker.pkg.dev`,
        see: ["gcp", "region"],
      });
    });
  },
);

export const ingressNeedsGateway = rule(
  "`gcp.ingress` needs `gateway` in the platform layer",
  ["gcp", "gateway"],
  ({ gcp, gateway }) =>
    when(gcp?.layer === "platform" && gcp.ingress !== undefined && gateway === undefined, {
      path: ["gcp", "ingress"],
      message: "there is no gateway behind it",
      allowed: "an ingress with noetl:gateway",
      next: "add noetl:gateway: {}",
    }),
);

export const nodePoolBounds = rule(
  "`min` of a node pool is at most its `max`, and their names differ",
  ["gcp"],
  ({ gcp }) => {
    const pools = gcp?.cluster.mode === "standard" ? gcp.cluster.nodePools : [];
    return pools.flatMap(({ name, min, max }, index) => [
      ...when(min > max, {
        path: ["gcp", "cluster", "nodePools", index, "min"],
        message: `${min} nodes at least are more than ${max} at most`,
        allowed: `a whole number from 0 to ${max}`,
        see: ["gcp", "cluster", "nodePools", index, "max"],
      }),
      ...when(
        pools.slice(0, index).some((other) => other.name === name),
        {
          path: ["gcp", "cluster", "nodePools", index, "name"],
          message: `"${name}" is the name of another pool`,
          allowed: "each name once",
        },
      ),
    ]);
  },
);
