import { randomBytes, randomInt } from "node:crypto";
import { changesOf } from "./changes";
import type { Plugin } from "./plugin";
import { plain, secret, textOf, UNKNOWN, type Values } from "./values";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** What a kind of random value is made of, and what it gives. */
interface Generator {
  id(made: Values): string;
  /** Names of its outputs; whether they are secret. */
  outputs: Record<string, "secret" | "plain">;
  make(inputs: Values): Values;
}

const GENERATORS: Record<string, Generator> = {
  "random:index/randomPassword:RandomPassword": {
    id: () => "none",
    outputs: { result: "secret" },
    make: ({ length, special = true }) => {
      const alphabet = special === true ? `${LETTERS}${SPECIAL}` : LETTERS;
      const characters = Array.from({ length: Number(length) }, () => alphabet.charAt(randomInt(alphabet.length)));
      return { result: characters.join("") };
    },
  },
  "random:index/randomBytes:RandomBytes": {
    id: () => "none",
    outputs: { base64: "secret", hex: "secret" },
    make: ({ length }) => {
      const bytes = randomBytes(Number(length));
      return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
    },
  },
  "random:index/randomId:RandomId": {
    id: ({ b64Url }) => textOf(b64Url),
    outputs: { b64Std: "plain", b64Url: "plain", hex: "plain" },
    make: ({ byteLength }) => {
      const bytes = randomBytes(Number(byteLength));
      return {
        b64Std: bytes.toString("base64"),
        b64Url: bytes.toString("base64url"),
        hex: bytes.toString("hex"),
      };
    },
  },
};

/** Random values of the kinds that the platform uses. Any change of what a value is made of makes a new one. */
export function randomPlugin(): Plugin {
  return {
    check: ({ type }) => (type in GENERATORS ? [] : [`the test's random plugin cannot make ${type}`]),
    difference: ({ old, inputs }) => {
      const changes = changesOf(old, inputs);
      return { changes, replaces: changes.map(({ path }) => path) };
    },
    create: ({ type, inputs, preview }) => {
      const generator = GENERATORS[type];
      if (generator === undefined) throw new Error(`no ${type}`);
      const made = preview ? unknowns(generator) : generator.make(plain(inputs));
      const outputs = Object.entries(made).map(([name, value]) => [
        name,
        generator.outputs[name] === "secret" ? secret(value) : value,
      ]);
      return Promise.resolve({
        id: preview ? "" : generator.id(made),
        outputs: { ...inputs, ...(Object.fromEntries(outputs) as Values) },
      });
    },
  };
}

function unknowns({ outputs }: Generator): Values {
  return Object.fromEntries(Object.keys(outputs).map((name) => [name, UNKNOWN]));
}
