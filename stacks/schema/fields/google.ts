import { z } from "zod";
import { REGIONS } from "../../../components/gcp/regions";
import { leaf } from "./leaf";

/** The id of a Google Cloud project; not its number, nor its name for people. */
export function gcpProject() {
  return leaf(z.string().regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/), {
    kind: "project id",
    allowed: "a project id: 6 to 30 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** A machine of Compute Engine. */
export function machineType() {
  return leaf(z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+){1,4}$/), {
    kind: "machine type",
    allowed: "a machine type of Compute Engine such as e2-standard-4",
  });
}

/** A machine of Cloud SQL; which there are, a rule says. */
export function sqlTier() {
  return leaf(z.string().regex(/^db-[A-Za-z0-9-]{1,60}$/), {
    kind: "tier",
    allowed:
      "db-custom-CORES-MEGABYTES such as db-custom-2-7680, db-perf-optimized-N-CORES, db-g1-small or db-f1-micro",
  });
}

/** The name of a Firestore database. */
export function firestoreDatabase() {
  return leaf(z.string().regex(/^(\(default\)|[a-z][-a-z0-9]{2,61}[a-z0-9])$/), {
    kind: "Firestore database",
    allowed: "(default), or 4 to 63 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** Where a Firestore database is: a region, or one of the two multi-regions. */
export function firestoreLocation() {
  return leaf(z.enum([...REGIONS, "nam5", "eur3"]), {
    kind: "Firestore location",
    allowed: "nam5, eur3, or a region of Google Cloud such as us-central1 or europe-west4",
  });
}
