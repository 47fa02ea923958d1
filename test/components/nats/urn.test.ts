import { expect, test } from "@jest/globals";
import { clusterUrn, domainOfUrn, subjectOfUrn, tenancyUrn } from "../../../components/nats/urn";

const URN = "noetl://tenant/default/org/default/region/us-east-1/cluster/a";

test("given a place, when named, then the URN is that of the specification", () => {
  expect(clusterUrn({ tenant: "default", org: "default", region: "us-east-1", cluster: "a" })).toBe(URN);
  expect(tenancyUrn({ tenant: "acme", org: "sales" })).toBe("noetl://tenant/acme/org/sales");
});

test("given a URN, when written as a subject, then its parts are tokens", () => {
  expect(subjectOfUrn(URN)).toBe("noetl.tenant.default.org.default.region.us-east-1.cluster.a");
});

test.each([
  [URN, "tenant_default_org_default_region_us_east_1_cluster_a"],
  [
    "noetl://tenant/default/org/default/region/us-west-2/cluster/b",
    "tenant_default_org_default_region_us_west_2_cluster_b",
  ],
  ["noetl://tenant/noetl/org/noetl.", "tenant_noetl_org_noetl_"],
  ["noetl://tenant/a--b/org/c", "tenant_a__b_org_c"],
])("given %s, when made a JetStream domain, then it is %s", (urn, domain) => {
  expect(domainOfUrn(urn)).toBe(domain);
});
