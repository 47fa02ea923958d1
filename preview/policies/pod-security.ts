import type { Json } from "../graph";
import { at, listOf, numberOf, objectOf, textOf, type JsonObject } from "../json";
import type { Workload } from "../workloads";
import { rawContainers } from "./policy";

/** A pod as the Pod Security Standards see it. */
interface PodFacts {
  spec: JsonObject;
  annotations: JsonObject;
  containers: { name: string; raw: JsonObject }[];
  /** Windows has no capabilities, seccomp and privilege escalation; the API server refuses those fields there. */
  windows: boolean;
  /** In a user namespace of its own, root inside is nobody outside. */
  ownUsers: boolean;
}

/** One thing that the level forbids. */
interface Control {
  /** The name that the API server's refusal gives it. */
  name: string;
  /** What breaks it: `container 'app'`, `volume 'host'`; nothing when it holds. */
  find: (pod: PodFacts) => string[];
}

export function podFacts(workload: Workload): PodFacts {
  const spec = workload.podSpec;
  return {
    spec,
    annotations: workload.podAnnotations,
    containers: rawContainers(workload).map((raw) => ({ name: textOf(raw.name) ?? "", raw })),
    windows: at(spec.os, "name") === "windows",
    ownUsers: spec.hostUsers === false,
  };
}

const SAFE_CAPABILITY = "NET_BIND_SERVICE";
const SECCOMP = ["RuntimeDefault", "Localhost"];
const SELINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const VOLUME_TYPES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
];
const APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

/**
 * Every control of the level *restricted*, those of *baseline* included unless a stricter one takes their place.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export const CONTROLS: readonly Control[] = [
  {
    name: "allowPrivilegeEscalation != false",
    find: (pod) => (pod.windows ? [] : inContainers(pod, (raw) => context(raw).allowPrivilegeEscalation !== false)),
  },
  {
    name: "forbidden AppArmor profile",
    find: (pod) => [
      ...anywhere(pod, "appArmorProfile", (profile) => !SECCOMP.includes(textOf(at(profile, "type")) ?? "")),
      ...Object.entries(pod.annotations).flatMap(([key, value]) =>
        key.startsWith(APPARMOR_ANNOTATION) && !/^(|runtime\/default|localhost\/.*)$/.test(textOf(value) ?? "")
          ? [`annotation ${key}`]
          : [],
      ),
    ],
  },
  {
    name: "unrestricted capabilities",
    find: (pod) =>
      pod.windows
        ? []
        : inContainers(pod, (raw) => {
            const { capabilities } = context(raw);
            const added = listOf(at(capabilities, "add"));
            return !listOf(at(capabilities, "drop")).includes("ALL") || added.some((name) => name !== SAFE_CAPABILITY);
          }),
  },
  {
    name: "host namespaces",
    find: ({ spec }) => ["hostNetwork", "hostPID", "hostIPC"].filter((key) => spec[key] === true),
  },
  {
    name: "hostPort",
    find: (pod) =>
      inContainers(pod, ({ ports }) => listOf(ports).some((port) => (numberOf(at(port, "hostPort")) ?? 0) !== 0)),
  },
  {
    name: "probe or lifecycle host",
    find: (pod) =>
      inContainers(pod, (raw) =>
        [
          raw.livenessProbe,
          raw.readinessProbe,
          raw.startupProbe,
          at(raw.lifecycle, "postStart"),
          at(raw.lifecycle, "preStop"),
        ]
          .flatMap((handler) => [at(handler, "httpGet", "host"), at(handler, "tcpSocket", "host")])
          .some((host) => (textOf(host) ?? "") !== ""),
      ),
  },
  { name: "privileged", find: (pod) => inContainers(pod, (raw) => context(raw).privileged === true) },
  {
    name: "procMount",
    find: (pod) => inContainers(pod, (raw) => ![undefined, "Default"].includes(textOf(context(raw).procMount))),
  },
  {
    name: "restricted volume types",
    find: ({ spec }) =>
      listOf(spec.volumes)
        .map(objectOf)
        // One without a source is an empty folder.
        .filter((volume) => Object.keys(volume).some((key) => key !== "name" && !VOLUME_TYPES.includes(key)))
        .map(({ name }) => `volume '${textOf(name) ?? ""}'`),
  },
  { name: "runAsNonRoot != true", find: (pod) => (pod.ownUsers ? [] : mayBeRoot(pod)) },
  { name: "runAsUser=0", find: (pod) => (pod.ownUsers ? [] : anywhere(pod, "runAsUser", (user) => user === 0)) },
  {
    name: "seLinuxOptions",
    find: (pod) =>
      anywhere(pod, "seLinuxOptions", (options) => {
        const [type = "", user = "", role = ""] = ["type", "user", "role"].map((key) => textOf(at(options, key)));
        return !SELINUX_TYPES.includes(type) || user !== "" || role !== "";
      }),
  },
  { name: "seccompProfile", find: (pod) => (pod.windows ? [] : withoutSeccomp(pod)) },
  {
    name: "forbidden sysctls",
    find: ({ spec }) =>
      listOf(at(spec.securityContext, "sysctls"))
        .map((sysctl) => textOf(at(sysctl, "name")) ?? "")
        .filter((name) => !SYSCTLS.includes(name)),
  },
  {
    name: "hostProcess",
    find: (pod) => anywhere(pod, "windowsOptions", (options) => at(options, "hostProcess") === true),
  },
];

/** One who says false counts, even where every container says true. */
function mayBeRoot(pod: PodFacts): string[] {
  const said = anywhere(pod, "runAsNonRoot", (value) => value === false);
  if (said.length > 0 || at(pod.spec.securityContext, "runAsNonRoot") === true) return said;
  return inContainers(pod, (raw) => context(raw).runAsNonRoot == null);
}

function withoutSeccomp(pod: PodFacts): string[] {
  const said = anywhere(pod, "seccompProfile", (profile) => !SECCOMP.includes(textOf(at(profile, "type")) ?? ""));
  if (said.length > 0 || at(pod.spec.securityContext, "seccompProfile") != null) return said;
  return inContainers(pod, (raw) => context(raw).seccompProfile == null);
}

/** Where a field of a security context is set and bad: at the pod, or at containers. */
function anywhere(pod: PodFacts, field: string, isBad: (value: Json) => boolean): string[] {
  const isSetBad = (value: Json | undefined): boolean => value != null && isBad(value);
  const atPod = isSetBad(at(pod.spec.securityContext, field));
  return [...(atPod ? ["pod"] : []), ...inContainers(pod, (raw) => isSetBad(context(raw)[field]))];
}

function inContainers({ containers }: PodFacts, isBad: (raw: JsonObject) => boolean): string[] {
  return containers.filter(({ raw }) => isBad(raw)).map(({ name }) => `container '${name}'`);
}

function context(raw: JsonObject): JsonObject {
  return objectOf(raw.securityContext);
}
