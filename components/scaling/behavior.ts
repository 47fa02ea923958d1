/** How fast an autoscaler may change the number of pods, in one direction. Unset fields have Kubernetes' defaults. */
export interface ScalingRules {
  /** Seconds of earlier recommendations that count: up takes the least of them, down the most. */
  stabilizationWindow?: number | undefined;
  /** Which policy holds when there are several; `disabled` forbids the direction. */
  select?: "max" | "min" | "disabled" | undefined;
  /** Most change within a period; without policies, Kubernetes' own. */
  policies?: ScalingPolicy[] | undefined;
  /** Percent that the metric may be off its target before anything happens. */
  tolerance?: number | undefined;
}

/** At most so many pods, or so many percent of them, within a period. */
export interface ScalingPolicy {
  type: "pods" | "percent";
  value: number;
  /** Seconds. */
  period: number;
}

/** Rules for both directions. */
export interface ScalingBehavior {
  scaleUp?: ScalingRules | undefined;
  scaleDown?: ScalingRules | undefined;
}

/** A HorizontalPodAutoscaler's `behavior`, as manifests write it; ScaledObjects take the same. */
export interface BehaviorManifest {
  scaleUp?: RulesManifest;
  scaleDown?: RulesManifest;
}

interface RulesManifest {
  stabilizationWindowSeconds?: number;
  selectPolicy?: string;
  policies?: { type: string; value: number; periodSeconds: number }[];
  tolerance?: string;
}

/** The manifest of a behavior; undefined when it says nothing, since even an empty one changes what Kubernetes does. */
export function behaviorManifest({ scaleUp, scaleDown }: ScalingBehavior = {}): BehaviorManifest | undefined {
  const up = scaleUp && rulesManifest(scaleUp);
  const down = scaleDown && rulesManifest(scaleDown);
  if (up === undefined && down === undefined) return undefined;
  return { ...(up && { scaleUp: up }), ...(down && { scaleDown: down }) };
}

function rulesManifest({ stabilizationWindow, select, policies, tolerance }: ScalingRules): RulesManifest | undefined {
  const rules: RulesManifest = {
    ...(stabilizationWindow !== undefined && { stabilizationWindowSeconds: stabilizationWindow }),
    ...(select !== undefined && { selectPolicy: capitalized(select) }),
    ...(policies !== undefined && { policies: policies.map(policyManifest) }),
    ...(tolerance !== undefined && { tolerance: quantityOfPercent(tolerance) }),
  };
  return Object.keys(rules).length === 0 ? undefined : rules;
}

function policyManifest({ type, value, period }: ScalingPolicy) {
  return { type: capitalized(type), value, periodSeconds: period };
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** As the API server writes it: 10 → `100m`, 100 → `1`. */
function quantityOfPercent(percent: number): string {
  return percent % 100 === 0 ? String(percent / 100) : `${percent * 10}m`;
}
