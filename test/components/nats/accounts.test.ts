import { describe, expect, it } from "@jest/globals";
import { accountsConf, passwordsConf } from "../../../components/nats/accounts";
import { confText } from "../../../components/nats/conf-text";

describe("passwordsConf", () => {
  it("defines the variables of the accounts block, whatever the passwords hold", () => {
    expect(passwordsConf({ system: "12345", noetl: 'it\'s "q" $x\n' })).toBe(
      'NATS_SYS_PASSWORD: "12345"\nNATS_NOETL_PASSWORD: "it\'s \\"q\\" $x\\n"\n',
    );
  });

  it.each(["$2a$11$", "$2b$10$abc", "$2x$05$", "$2y$12$"])("refuses %s, which is a hash to nats-server", (hash) => {
    const define = () => passwordsConf({ system: "fine", noetl: `${hash}canary` });
    expect(define).toThrow("the NATS password of user 'noetl' looks like a bcrypt hash");
    expect(define).not.toThrow("canary");
  });

  it("accepts what only begins like a hash", () => {
    expect(passwordsConf({ system: "$2a", noetl: "$2c$10$x" })).toBe(
      'NATS_SYS_PASSWORD: "$2a"\nNATS_NOETL_PASSWORD: "$2c$10$x"\n',
    );
  });
});

describe("further accounts", () => {
  const ACCOUNTS = [
    {
      name: "TEAM-A",
      jetstream: { memory: "64Mi", file: "1Gi", streams: 10, consumers: 100 },
      users: ["alice", "bob"],
      exports: [{ service: "team.ask" }],
    },
    { name: "B", jetstream: {}, users: [], imports: [{ service: { account: "TEAM-A", subject: "team.ask" } }] },
    { name: "C", jetstream: false as const, users: [] },
  ];

  it("stand beside the platform's, with their limits, exports and imports", () => {
    const { $SYS: _system, NOETL: _platform, ...further } = accountsConf(ACCOUNTS);
    expect(confText(further)).toBe(`"TEAM-A" {
  jetstream {
    max_memory: 67108864 # 64Mi
    max_file: 1073741824 # 1Gi
    max_streams: 10
    max_consumers: 100
  }
  users: [
    { user: "alice", password: $NATS_ALICE_PASSWORD }
    { user: "bob", password: $NATS_BOB_PASSWORD }
  ]
  exports: [
    { service: "team.ask" }
  ]
}
B {
  jetstream: true
  users: []
  imports: [
    { service: { account: "TEAM-A", subject: "team.ask" } }
  ]
}
C {
  jetstream: false
  users: []
}
`);
  });

  it("have a password for each user", () => {
    const passwords = { system: "s", noetl: "n", users: { alice: "a", bob: "2026-01-01" } };
    expect(passwordsConf(passwords, ACCOUNTS)).toBe(
      'NATS_SYS_PASSWORD: "s"\nNATS_NOETL_PASSWORD: "n"\nNATS_ALICE_PASSWORD: "a"\nNATS_BOB_PASSWORD: "2026-01-01"\n',
    );
    expect(() => passwordsConf({ system: "s", noetl: "n", users: { alice: "a" } }, ACCOUNTS)).toThrow(
      "NATS user 'bob' has no password",
    );
  });
});
