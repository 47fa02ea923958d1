// Tests must not depend on the developer's machine: no cluster, no cloud, no Pulumi account.
for (const name of Object.keys(process.env)) {
  if (/^(KUBE|PULUMI|GOOGLE|GCP|GCLOUD|CLOUDSDK|AWS|AZURE|VAULT|NATS|NOETL|POSTGRES|PG|DATABASE)/.test(name)) {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete process.env[name];
  }
}
