import type { PlatformConfig } from "../schema";

/**
 * One example a key for the reference, as it stands below `config:`. Together they are a valid stack file; each is
 * as short as it can be and still show what the key is for.
 */
export const EXAMPLES: Readonly<Record<keyof PlatformConfig, string>> = {
  profile: `
noetl:profile: kind
`,
  cluster: `
noetl:cluster:
  context: kind-noetl
`,
  gcp: `
noetl:gcp:
  project: noetl-production
  region: us-central1
  firestore: true
`,
  nats: `
noetl:nats:
  storage: 8Gi
  jetstream:
    memory: 1Gi
    file: 5Gi
`,
  natsSupercluster: `
noetl:natsSupercluster:
  topology: independent
  clusters:
    - name: a
      region: us-east-1
    - name: b
      region: us-west-2
`,
  postgres: `
noetl:postgres:
  mode: inCluster
`,
  pgbouncer: `
noetl:pgbouncer:
  replicas: 2
  poolSize: 16
`,
  server: `
noetl:server:
  healthApi: published
  rustLog: info,noetl_server=debug
  keychain:
    kubernetes:
      namespaces: [noetl]
`,
  workerPools: `
noetl:workerPools:
  - name: noetl-worker-rust
    poolName: worker-rust-pool
    segment: shared
    scaling:
      kind: keda
      maxReplicas: 20
      lagThreshold: 10
`,
  systemPool: `
noetl:systemPool:
  cleanup:
    schedule: "30 3 * * *"
    commandRetentionDays: 30
`,
  subscriptions: `
noetl:subscriptions:
  - name: noetl-subscription-runtime
    path: subscriptions/iot_sensor_stream
`,
  keda: `
noetl:keda:
  install: true
`,
  certManager: `
noetl:certManager:
  install: true
`,
  streams: `
noetl:streams:
  mode: declared
  by: bootstrap
  maxAge: 3600
`,
  gateway: `
noetl:gateway:
  publicUrl: https://noetl.example.com
  corsOrigins: [https://app.example.com]
`,
  ollamaBridge: `
noetl:ollamaBridge:
  backend:
    model: gemma3:4b
`,
  pythonServer: `
noetl:pythonServer:
  logLevel: INFO
`,
  flight: `
noetl:flight:
  tokens:
    current: 1
    accepted: [1, 2]
`,
  networkPolicy: `
noetl:networkPolicy:
  flows:
    - from: { workload: workers }
      to: { cidr: 10.20.0.0/16 }
      ports: [5432]
      reason: playbooks read the warehouse
`,
  tls: `
noetl:tls:
  mode: certManager
  leaves:
    days: 90
`,
  orchestrator: `
noetl:orchestrator:
  image: us-central1-docker.pkg.dev/noetl-production/noetl/orchestrator:1.0.0
  tokens:
    - { name: ann, role: operator, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }
`,
  firestoreAgent: `
noetl:firestoreAgent:
  image: us-central1-docker.pkg.dev/noetl-production/noetl/firestore-agent:1.0.0
  location: nam5
`,
  secretProvider: `
noetl:secretProvider:
  kind: gcp
  projectNumber: 123456789012
  by: externalSecrets
  create: true
`,
  pager: `
noetl:pager:
  repeatInterval: 2h
`,
  dashboards: `
noetl:dashboards: {}
`,
  monitoring: `
noetl:monitoring:
  kind: gmp
  customRules:
    - name: my-team
      rules:
        - alert: ReportsQueueTooLong
          expr: noetl:consumer_lag{consumer="noetl_worker_pool_shared"} > 500
          for: 30m
          severity: warning
          summary: "{{ $value }} commands wait"
          runbook: https://example.com/runbooks/reports
`,
  secrets: `
noetl:secrets:
  natsPassword:
    secure: v1:7GxQ2kVn0fRzJm1S:c2VhbGVkIGJ5IHB1bHVtaQ==
`,
  waivers: `
noetl:waivers:
  - rule: unpinned-images
    resource: Deployment noetl-worker-rust
    reason: the nightly image is tried out until the release
    until: "2099-12-31"
`,
};
