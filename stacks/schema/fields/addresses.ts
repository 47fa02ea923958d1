import { z } from "zod";
import { whole } from "./amounts";
import { leaf } from "./leaf";

/** A TCP port. */
export function port() {
  return whole(1, 65535);
}

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

const CIDR = new RegExp(`^(${OCTET}\\.){3}${OCTET}/(3[0-2]|[12]?\\d)$`);

/** A range of IPv4 addresses. */
export function cidr() {
  return leaf(z.string().regex(CIDR), {
    kind: "address range",
    allowed: "IPv4 addresses such as 10.0.0.0/8 or 10.96.0.1/32",
  });
}

/** A DNS host name or IPv4 address, without scheme and port. */
export function host() {
  return leaf(
    z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/),
    {
      kind: "host",
      allowed: "a host name or IPv4 address without scheme and port, such as postgres.example.com",
    },
  );
}

/** A name in the public DNS that Google makes certificates for: no address, no wildcard, and no longer than 63. */
export function certificateName() {
  return leaf(
    z
      .string()
      .max(63)
      .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z][-a-z0-9]*[a-z0-9]$/),
    {
      kind: "DNS name",
      allowed:
        "a DNS name of at most 63 lower-case letters, digits, '-' and '.', such as noetl.example.com; no IP address, no wildcard",
    },
  );
}

/** An http or https URL without user info. */
export function httpUrl() {
  return leaf(
    z
      .string()
      .regex(/^https?:\/\/[^\s/@?#]+(:\d+)?(\/[^\s@]*)?$/)
      .refine((text) => URL.canParse(text)),
    {
      kind: "URL",
      allowed: "an http:// or https:// URL without user name and password",
    },
  );
}

/** Where a web page comes from, as browsers say it: scheme, host and port, nothing behind them. */
export function origin() {
  return leaf(z.string().regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/), {
    kind: "origin",
    allowed: "an origin such as https://noetl.example.com or http://localhost:3000, without a path; not *",
  });
}
