import { keyFrom } from "../../../components/tls/built-in/keys";

/**
 * A certificate for everything, as a PKI of somebody's gives it, good for a century. Its key is no secret: it comes from
 * a word that everybody knows.
 */
export const GIVEN = {
  key: keyFrom("test", "leaf given 2026-11-21").privateKey,
  certificate: `-----BEGIN CERTIFICATE-----
MIICSjCCAe+gAwIBAgIQfz14c3ds1hNUCwBfDfMAcDAKBggqhkjOPQQDAjATMREw
DwYDVQQDEwhub2V0bC1jYTAgFw0yNjExMjEwMDAwMDBaGA8yMTI2MTAyODAwMDAw
MFowEDEOMAwGA1UEAxMFbm9ldGwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATq
39etCbfG+XIlNMAJdaGtEuhWJ71gzS7XLfNZgUo8+wPIa6InLdnlI7LJbfTyPWYD
l0Vrpg6bdm9qHWrm/8SMo4IBJDCCASAwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8E
BAMCB4AwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMIGgBgNVHREEgZgw
gZWCCyoubm9ldGwuc3ZjghkqLm5vZXRsLnN2Yy5jbHVzdGVyLmxvY2FsgjQqLm5v
ZXRsLXNlcnZlci1ydXN0LWhlYWRsZXNzLm5vZXRsLnN2Yy5jbHVzdGVyLmxvY2Fs
ggoqLm5hdHMuc3ZjghgqLm5hdHMuc3ZjLmNsdXN0ZXIubG9jYWyCCWxvY2FsaG9z
dIcEfwAAATAdBgNVHQ4EFgQUzNq9Eqvh7C0PITXHjpen6oIml4EwHwYDVR0jBBgw
FoAUnozUCwgjkrKSXu3M+mbCj+KvbrUwCgYIKoZIzj0EAwIDSQAwRgIhAPR+u7Jn
aoqSPEZEcWB1x9IAVj+fGO/ioq7L2rpg4b5HAiEAvzMlqIexB3Wj1MX9C8cuaovC
ZeaSs26GL5VTvP/PfOo=
-----END CERTIFICATE-----
`,
  ca: `-----BEGIN CERTIFICATE-----
MIIBazCCARGgAwIBAgIQYdEWYYwLfGQvCaSUqr0nlzAKBggqhkjOPQQDAjATMREw
DwYDVQQDEwhub2V0bC1jYTAgFw0yNjExMjEwMDAwMDBaGA8yMTI2MTAyODAwMDAw
MFowEzERMA8GA1UEAxMIbm9ldGwtY2EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASjYQw0Iino7GIw6qbvt7N9HkHVMCak49ClyHAprDX5BUAj1mP6pTFVwv6bg2uh
4j+uPgnhRvzi68QoGBSWvokAo0UwQzASBgNVHRMBAf8ECDAGAQH/AgEAMA4GA1Ud
DwEB/wQEAwIBBjAdBgNVHQ4EFgQUnozUCwgjkrKSXu3M+mbCj+KvbrUwCgYIKoZI
zj0EAwIDSAAwRQIhANx5F777gkKnyWIyJRXuMVW/Jz8qazlLOzRHGTv37HLLAiAq
7omykHFcF/guMpiHfDMp0ZsSZYjtMfmqqho7esLgZw==
-----END CERTIFICATE-----
`,
};
