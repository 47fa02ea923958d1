/** What a kind of resource is for; each family has its colour. */
export type Family = "workload" | "network" | "storage" | "config" | "secret" | "identity" | "other";

/** Every family with its name for the legend. */
export const FAMILIES: Record<Family, string> = {
  workload: "workload",
  network: "network",
  storage: "storage",
  config: "configuration",
  secret: "secret",
  identity: "identity",
  other: "other",
};

const KINDS: Record<string, Family> = {
  Deployment: "workload",
  StatefulSet: "workload",
  DaemonSet: "workload",
  Job: "workload",
  CronJob: "workload",
  Pod: "workload",
  ReplicaSet: "workload",
  ScaledObject: "workload",
  HorizontalPodAutoscaler: "workload",
  PodDisruptionBudget: "workload",
  Service: "network",
  Ingress: "network",
  NetworkPolicy: "network",
  Gateway: "network",
  HTTPRoute: "network",
  PersistentVolumeClaim: "storage",
  PersistentVolume: "storage",
  StorageClass: "storage",
  ConfigMap: "config",
  Secret: "secret",
  SecretProviderClass: "secret",
  Certificate: "secret",
  Issuer: "secret",
  ClusterIssuer: "secret",
  ServiceAccount: "identity",
  Role: "identity",
  RoleBinding: "identity",
  ClusterRole: "identity",
  ClusterRoleBinding: "identity",
};

/** The family of a kind. Everything random is a secret in the making. */
export function familyOf(kind: string): Family {
  return KINDS[kind] ?? (kind.startsWith("Random") ? "secret" : "other");
}

/** Text and fill of each family's badges, on light and on dark. */
const LIGHT: Record<Family, [string, string]> = {
  workload: ["#1d4ed8", "#e3ecfe"],
  network: ["#0f766e", "#d9f3ef"],
  storage: ["#6d28d9", "#ede7fd"],
  config: ["#a14f06", "#fcefd5"],
  secret: ["#b4234d", "#fde5ec"],
  identity: ["#475569", "#e6ebf1"],
  other: ["#57534e", "#ecebe9"],
};
const DARK: Record<Family, [string, string]> = {
  workload: ["#93b8fd", "#1b2c4f"],
  network: ["#5eead4", "#123531"],
  storage: ["#c4b2fb", "#2d2350"],
  config: ["#f6c177", "#3b2a12"],
  secret: ["#fda4bb", "#451a29"],
  identity: ["#b6c2d2", "#28313e"],
  other: ["#c7c3bf", "#302e2c"],
};

function familyRules(colours: Record<Family, [string, string]>): string {
  return Object.entries(colours)
    .map(([family, [ink, fill]]) => `.np .${family}{fill:${fill}}.np .${family}-ink{fill:${ink}}`)
    .join("");
}

/** The style sheet of a picture. Fonts come from the reader's system; colours follow its light or dark setting. */
export const STYLE_SHEET = [
  ".np{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif}",
  ".np .mono{font-family:ui-monospace,SFMono-Regular,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace}",
  ".np .h1{font-size:26px;font-weight:700;letter-spacing:-.3px}.np .sub{font-size:13px}",
  ".np .figure{font-size:19px;font-weight:650}.np .label{font-size:11.5px}",
  ".np .h2{font-size:15px;font-weight:650}.np .h3{font-size:13px;font-weight:650}.np .type{font-size:11.5px}",
  ".np .badge{font-size:10.5px;font-weight:600}.np .name{font-size:12px}.np .strong{font-weight:700}.np .fact{font-size:11px}",
  ".np .page{fill:#f6f7f9}.np .card{fill:#fff;stroke:#dde2e9}.np .inner{fill:#f8fafc;stroke:#e4e9ef}",
  ".np .ink{fill:#17202c}.np .soft{fill:#5f6b7a}.np .good{fill:#15803d}.np .warn{fill:#a14f06}.np .bad{fill:#b91c1c}",
  familyRules(LIGHT),
  "@media (prefers-color-scheme:dark){",
  ".np .page{fill:#0e131a}.np .card{fill:#161d27;stroke:#2a3442}.np .inner{fill:#121821;stroke:#263040}",
  ".np .ink{fill:#e8edf3}.np .soft{fill:#94a2b3}.np .good{fill:#4ade80}.np .warn{fill:#f6c177}.np .bad{fill:#f87171}",
  familyRules(DARK),
  "}",
].join("\n");

/** Width of a text in the monospaced font at a size: 0.602 of it in every common one. */
export function monoWidth(content: string, size: number): number {
  return content.length * size * 0.602;
}

/** About the width of a text in the system font at a size; a little more than most fonts take. */
export function sansWidth(content: string, size: number): number {
  return content.length * size * 0.585;
}
