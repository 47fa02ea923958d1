import type { Json, Manifest } from "../../../preview/graph";

type Spec = Record<string, Json>;

const CONTAINER = {
  name: "box",
  image: "registry.example/box:1",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};
const POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };

/** What the API server's refusal of the level *restricted* names, by what is different from a good pod. */
export interface PodMutant {
  pod: Manifest;
  /** Names of the controls that are broken; none for a pod that is as good. */
  broken: string[];
}

function pod(spec: Spec, annotations: Record<string, string> = {}): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "mutant", namespace: "mutants", annotations },
    spec: { securityContext: POD, containers: [CONTAINER], ...spec },
  };
}

/** The pod's own security context with other fields; undefined ones are left out. */
const ofPod = (context: Spec, spec: Spec = {}): Manifest => pod({ securityContext: { ...POD, ...context }, ...spec });
/** The container with other fields. */
const ofContainer = (fields: Spec): Manifest => pod({ containers: [{ ...CONTAINER, ...fields }] });
/** The security context of the container with other fields. */
const within = (context: Spec): Manifest =>
  ofContainer({ securityContext: { ...CONTAINER.securityContext, ...context } });
/** An init container beside the good container, with other fields of its security context. */
const withinInit = (context: Spec): Manifest =>
  pod({
    initContainers: [{ ...CONTAINER, name: "init", securityContext: { ...CONTAINER.securityContext, ...context } }],
  });
const volume = (source: Spec): Manifest => pod({ volumes: [{ name: "data", ...source }] });
const bare = { name: "box", image: "registry.example/box:1" };
const httpHost = { httpGet: { port: 80, host: "example.com" } };

const ESCALATION = "allowPrivilegeEscalation != false";
const APPARMOR = "forbidden AppArmor profile";
const CAPABILITIES = "unrestricted capabilities";
const HOST = "host namespaces";
const PORT = "hostPort";
const PROBE_HOST = "probe or lifecycle host";
const PRIVILEGED = "privileged";
const PROC = "procMount";
const VOLUMES = "restricted volume types";
const NON_ROOT = "runAsNonRoot != true";
const USER = "runAsUser=0";
const SELINUX = "seLinuxOptions";
const SECCOMP = "seccompProfile";
const SYSCTLS = "forbidden sysctls";
const HOST_PROCESS = "hostProcess";

const ALLOWED_SYSCTLS = [
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

/** Pods that differ from a good one in one thing each, or in none that matters. */
export const POD_MUTANTS: Readonly<Record<string, PodMutant>> = {
  "nothing wrong": { pod: pod({}), broken: [] },
  "nothing said at all": {
    pod: pod({ securityContext: {}, containers: [bare] }),
    broken: [ESCALATION, CAPABILITIES, NON_ROOT, SECCOMP],
  },
  "escalation allowed": { pod: within({ allowPrivilegeEscalation: true }), broken: [ESCALATION] },
  "escalation left open": {
    pod: ofContainer({ securityContext: { capabilities: { drop: ["ALL"] } } }),
    broken: [ESCALATION],
  },
  "escalation of an init container": { pod: withinInit({ allowPrivilegeEscalation: true }), broken: [ESCALATION] },
  "AppArmor off for the pod": { pod: ofPod({ appArmorProfile: { type: "Unconfined" } }), broken: [APPARMOR] },
  "AppArmor off for a container": { pod: within({ appArmorProfile: { type: "Unconfined" } }), broken: [APPARMOR] },
  "AppArmor of the runtime": { pod: within({ appArmorProfile: { type: "RuntimeDefault" } }), broken: [] },
  "AppArmor of the node": {
    pod: ofPod({ appArmorProfile: { type: "Localhost", localhostProfile: "own" } }),
    broken: [],
  },
  "AppArmor off by annotation": {
    pod: pod({}, { "container.apparmor.security.beta.kubernetes.io/box": "unconfined" }),
    broken: [APPARMOR],
  },
  "AppArmor of the runtime by annotation": {
    pod: pod({}, { "container.apparmor.security.beta.kubernetes.io/box": "runtime/default" }),
    broken: [],
  },
  "capabilities kept": { pod: within({ capabilities: {} }), broken: [CAPABILITIES] },
  "capabilities dropped one by one": {
    pod: within({ capabilities: { drop: ["NET_RAW", "CHOWN"] } }),
    broken: [CAPABILITIES],
  },
  "capability added": { pod: within({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }), broken: [CAPABILITIES] },
  "default capability added": {
    pod: within({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } }),
    broken: [CAPABILITIES],
  },
  "capability for low ports": {
    pod: within({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }),
    broken: [],
  },
  "capabilities of an init container": { pod: withinInit({ capabilities: {} }), broken: [CAPABILITIES] },
  "network of the host": { pod: pod({ hostNetwork: true }), broken: [HOST] },
  "processes of the host": { pod: pod({ hostPID: true }), broken: [HOST] },
  "memory of the host": { pod: pod({ hostIPC: true }), broken: [HOST] },
  "no namespace of the host": { pod: pod({ hostNetwork: false, hostPID: false, hostIPC: false }), broken: [] },
  "port of the host": { pod: ofContainer({ ports: [{ containerPort: 80, hostPort: 80 }] }), broken: [PORT] },
  "port of the host 0": { pod: ofContainer({ ports: [{ containerPort: 80, hostPort: 0 }] }), broken: [] },
  "readiness probe of another host": { pod: ofContainer({ readinessProbe: httpHost }), broken: [PROBE_HOST] },
  "liveness probe of another host": {
    pod: ofContainer({ livenessProbe: { tcpSocket: { port: 80, host: "example.com" } } }),
    broken: [PROBE_HOST],
  },
  "startup probe of another host": { pod: ofContainer({ startupProbe: httpHost }), broken: [PROBE_HOST] },
  "end that calls another host": { pod: ofContainer({ lifecycle: { preStop: httpHost } }), broken: [PROBE_HOST] },
  "start that calls another host": { pod: ofContainer({ lifecycle: { postStart: httpHost } }), broken: [PROBE_HOST] },
  "probe of the pod": { pod: ofContainer({ readinessProbe: { httpGet: { port: 80 } } }), broken: [] },
  privileged: { pod: within({ privileged: true, allowPrivilegeEscalation: true }), broken: [ESCALATION, PRIVILEGED] },
  "not privileged": { pod: within({ privileged: false }), broken: [] },
  "privileged init container": {
    pod: withinInit({ privileged: true, allowPrivilegeEscalation: true }),
    broken: [ESCALATION, PRIVILEGED],
  },
  "usual /proc": { pod: within({ procMount: "Default" }), broken: [] },
  "whole /proc, users of its own": {
    pod: pod({
      hostUsers: false,
      containers: [{ ...CONTAINER, securityContext: { ...CONTAINER.securityContext, procMount: "Unmasked" } }],
    }),
    broken: [PROC],
  },
  "folder of the host": { pod: volume({ hostPath: { path: "/" } }), broken: [VOLUMES] },
  NFS: { pod: volume({ nfs: { server: "nfs.example.com", path: "/" } }), broken: [VOLUMES] },
  iSCSI: {
    pod: volume({ iscsi: { targetPortal: "10.0.0.1", iqn: "iqn.2026-11.com.example:box", lun: 0 } }),
    broken: [VOLUMES],
  },
  "disk of Google": { pod: volume({ gcePersistentDisk: { pdName: "disk" } }), broken: [VOLUMES] },
  "own driver": { pod: volume({ flexVolume: { driver: "example/driver" } }), broken: [VOLUMES] },
  "empty folder": { pod: volume({ emptyDir: {} }), broken: [] },
  "no source, which means an empty folder": { pod: volume({}), broken: [] },
  claim: { pod: volume({ persistentVolumeClaim: { claimName: "data" } }), broken: [] },
  Secret: { pod: volume({ secret: { secretName: "data" } }), broken: [] },
  ConfigMap: { pod: volume({ configMap: { name: "data" } }), broken: [] },
  projected: { pod: volume({ projected: { sources: [{ configMap: { name: "data" } }] } }), broken: [] },
  "downward API": {
    pod: volume({ downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } }),
    broken: [],
  },
  "CSI driver": { pod: volume({ csi: { driver: "secrets-store.csi.k8s.io" } }), broken: [] },
  "claim for the pod's life": {
    pod: volume({
      ephemeral: {
        volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
      },
    }),
    broken: [],
  },
  "image as a volume": { pod: volume({ image: { reference: "registry.example/data:1" } }), broken: [] },
  "may run as root": { pod: pod({ securityContext: { seccompProfile: POD.seccompProfile } }), broken: [NON_ROOT] },
  "pod may run as root, container not": {
    pod: pod({
      securityContext: { runAsNonRoot: false, seccompProfile: POD.seccompProfile },
      containers: [{ ...CONTAINER, securityContext: { ...CONTAINER.securityContext, runAsNonRoot: true } }],
    }),
    broken: [NON_ROOT],
  },
  "container alone says that it is not root": {
    pod: pod({
      securityContext: { seccompProfile: POD.seccompProfile },
      containers: [{ ...CONTAINER, securityContext: { ...CONTAINER.securityContext, runAsNonRoot: true } }],
    }),
    broken: [],
  },
  "container may run as root": { pod: within({ runAsNonRoot: false }), broken: [NON_ROOT] },
  "init container may run as root": { pod: withinInit({ runAsNonRoot: false }), broken: [NON_ROOT] },
  "user 0": { pod: ofPod({ runAsUser: 0 }), broken: [USER] },
  "container of user 0": { pod: within({ runAsUser: 0 }), broken: [USER] },
  "user 1000": { pod: ofPod({ runAsUser: 1000 }), broken: [] },
  "group 0": { pod: ofPod({ runAsGroup: 0, fsGroup: 0 }), broken: [] },
  "root among users of its own": {
    pod: ofPod({ runAsNonRoot: false, runAsUser: 0 }, { hostUsers: false }),
    broken: [],
  },
  "type of SELinux": { pod: ofPod({ seLinuxOptions: { type: "spc_t" } }), broken: [SELINUX] },
  "user of SELinux": { pod: within({ seLinuxOptions: { user: "system_u" } }), broken: [SELINUX] },
  "role of SELinux": { pod: within({ seLinuxOptions: { role: "system_r" } }), broken: [SELINUX] },
  "known type of SELinux": {
    pod: ofPod({ seLinuxOptions: { type: "container_engine_t", level: "s0:c1" } }),
    broken: [],
  },
  "no seccomp profile": { pod: pod({ securityContext: { runAsNonRoot: true } }), broken: [SECCOMP] },
  "seccomp off": { pod: ofPod({ seccompProfile: { type: "Unconfined" } }), broken: [SECCOMP] },
  "seccomp off for a container": { pod: within({ seccompProfile: { type: "Unconfined" } }), broken: [SECCOMP] },
  "seccomp of each container": {
    pod: pod({
      securityContext: { runAsNonRoot: true },
      containers: [
        { ...CONTAINER, securityContext: { ...CONTAINER.securityContext, seccompProfile: POD.seccompProfile } },
      ],
    }),
    broken: [],
  },
  "seccomp of all but the init container": {
    pod: pod({
      securityContext: { runAsNonRoot: true },
      initContainers: [{ ...CONTAINER, name: "init" }],
      containers: [
        { ...CONTAINER, securityContext: { ...CONTAINER.securityContext, seccompProfile: POD.seccompProfile } },
      ],
    }),
    broken: [SECCOMP],
  },
  "seccomp of the node": {
    pod: ofPod({ seccompProfile: { type: "Localhost", localhostProfile: "own.json" } }),
    broken: [],
  },
  "sysctl of the node": { pod: ofPod({ sysctls: [{ name: "kernel.msgmax", value: "65536" }] }), broken: [SYSCTLS] },
  "sysctls of the pod": { pod: ofPod({ sysctls: ALLOWED_SYSCTLS.map((name) => ({ name, value: "1" })) }), broken: [] },
  "Windows without what it has not": {
    pod: pod({ os: { name: "windows" }, securityContext: { runAsNonRoot: true }, containers: [bare] }),
    broken: [],
  },
  "Windows that may be an administrator": {
    pod: pod({ os: { name: "windows" }, securityContext: {}, containers: [bare] }),
    broken: [NON_ROOT],
  },
  "process of a Windows host": {
    pod: pod({
      os: { name: "windows" },
      hostNetwork: true,
      securityContext: { runAsNonRoot: true, windowsOptions: { hostProcess: true } },
      containers: [bare],
    }),
    broken: [HOST, HOST_PROCESS],
  },
  "several things at once": {
    pod: pod({
      hostPID: true,
      securityContext: { runAsUser: 0 },
      containers: [{ ...bare, ports: [{ containerPort: 1, hostPort: 1 }] }],
      volumes: [{ name: "host", hostPath: { path: "/etc" } }],
    }),
    broken: [ESCALATION, CAPABILITIES, HOST, PORT, VOLUMES, NON_ROOT, USER, SECCOMP],
  },
};
