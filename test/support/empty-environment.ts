// Tests must not depend on the developer's machine: no cluster, no cloud, no Pulumi account. NOETL_CRD_DIR only tells
// where definitions for the real tests are.
const AMBIENT =
  /^(KUBE|PULUMI|GOOGLE|GCP|GCLOUD|CLOUDSDK|AWS|AZURE|VAULT|NATS|NOETL(?!_CRD_DIR$)|POSTGRES|PG|DATABASE)/;

for (const name of Object.keys(process.env)) {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- an environment has no other way
  if (AMBIENT.test(name)) delete process.env[name];
}
