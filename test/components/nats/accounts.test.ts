import { describe, expect, it } from "@jest/globals";
import { passwordsConf } from "../../../components/nats/accounts";

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
