import { impactOf, type ImpactReport } from "../../preview/impact/report";

/** The report in lines for people. */
export function impactLines({ resources }: ImpactReport): string[] {
  return resources.flatMap((resource) => {
    const { kind, namespace, name, effects, rollout } = resource;
    const place = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    const pods = rollout && `, ${rollout.pods} pods, ${rollout.unavailable} away at a time`;
    return [`${impactOf(resource)}  ${place}${pods ?? ""}: ${effects.map(({ reason }) => reason).join("; ")}`];
  });
}
