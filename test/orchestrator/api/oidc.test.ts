import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { SignJWT, type JWTPayload } from "jose";
import { admit } from "../../../orchestrator/api/guard";
import { Oidc, type OidcSettings } from "../../../orchestrator/api/oidc";
import { ProviderKeys } from "../../../orchestrator/api/oidc-keys";
import type { Role } from "../../../orchestrator/api/roles";
import { AUDIENCE, Issuer } from "./issuer";
import { Served } from "./served";

let issuer: Issuer;

beforeEach(async () => {
  issuer = await Issuer.start();
});

afterEach(async () => {
  await issuer.stop();
});

function oidc(settings: Partial<OidcSettings> = {}, cooldownMs = 0): Oidc {
  return new Oidc({ issuer: issuer.url, audience: AUDIENCE, ...settings }, { cooldownMs });
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

test("a token of the provider lets in whom it names, with the roles that it gives", async () => {
  expect(await oidc().personOf(await issuer.token())).toEqual({ name: "oidc:ann", roles: ["operator"] });
});

test("it is what Authorization says, beside no other token", async () => {
  const doors = { oidc: oidc() };
  const authorization = `Bearer ${await issuer.token()}`;
  expect(await admit({ authorization }, "operate", doors)).toMatchObject({ name: "oidc:ann" });
  await expect(admit({ authorization }, "approve", doors)).rejects.toMatchObject({ status: 403, code: "forbidden" });
  expect(() => admit({ authorization: "Bearer noetl_x" }, "view", doors)).toThrow("this token is not known");
  expect(() => admit({}, "view", doors)).toThrow("send a token");
});

test("over HTTP, a task is submitted by one person of the provider and approved by another", async () => {
  const served = await Served.start({ oidc: { issuer: issuer.url, audience: AUDIENCE } });
  try {
    const bearer = async (claims: JWTPayload) => ({ authorization: `Bearer ${await issuer.token(claims)}` });
    const [ann, bob] = [await bearer({}), await bearer({ sub: "bob", roles: ["approver"] })];
    const id = await served.submit({ require_approval: true }, ann);
    expect((await served.ask("POST", `/tasks/${id}/approve`, {}, ann)).json.error?.code).toBe("forbidden");
    expect((await served.ask("POST", `/tasks/${id}/approve`, { why: "read it" }, bob)).status).toBe(200);
    await served.ask("GET", `/tasks/${id}/events`, undefined, bob);
    expect(await served.task(id, bob)).toMatchObject({
      status: "Completed",
      by: "oidc:ann",
      approval: { state: "approved", by: "oidc:bob", why: "read it" },
    });
    expect((await served.ask("GET", `/tasks/${id}`)).status).toBe(401);
  } finally {
    await served.stop();
  }
});

describe("a token is refused", () => {
  test.each<[code: string, claims: () => JWTPayload]>([
    ["token-audience", () => ({ aud: "another" })],
    ["token-audience", () => ({ aud: undefined })],
    ["token-issuer", () => ({ iss: "https://another.example" })],
    ["token-issuer", () => ({ iss: undefined })],
    ["token-expired", () => ({ exp: inSeconds(-31) })],
    ["token-claims", () => ({ exp: undefined })],
    ["token-claims", () => ({ sub: undefined })],
    ["token-claims", () => ({ sub: "a\nb" })],
    ["token-not-yet-valid", () => ({ nbf: inSeconds(60) })],
  ])("%s", async (code, claims) => {
    await expect(oidc().personOf(await issuer.token(claims()))).rejects.toMatchObject({
      status: 401,
      code,
      problems: [{ path: "header.authorization" }],
      headers: { "www-authenticate": 'Bearer error="invalid_token"' },
    });
  });

  test("token-algorithm: none, and a secret that is a public key", async () => {
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: issuer.url, aud: AUDIENCE, sub: "ann", exp: inSeconds(60), roles: ["admin"] };
    const none = `${encoded({ alg: "none", kid: "k1" })}.${encoded(claims)}.`;
    const secret = new TextEncoder().encode(JSON.stringify(issuer.keys.get("k1")?.public));
    const shared = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);
    for (const token of [none, shared]) {
      await expect(oidc().personOf(token)).rejects.toMatchObject({ status: 401, code: "token-algorithm" });
    }
  });

  test("token-key-unknown, token-signature, token-malformed", async () => {
    const known = oidc();
    await expect(known.personOf(await issuer.token({}, { kid: "k9" }))).rejects.toMatchObject({
      code: "token-key-unknown",
    });
    const stranger = await Issuer.start();
    const forged = await stranger.token({ iss: issuer.url });
    await stranger.stop();
    await expect(known.personOf(forged)).rejects.toMatchObject({ code: "token-signature" });
    await expect(known.personOf("a.canary.c")).rejects.toMatchObject({
      code: "token-malformed",
      message: "this is no token",
    });
  });

  test("no-role, where its roles are none of ours", async () => {
    for (const roles of [undefined, [], ["owner"], [7], { admin: true }, "administrator"]) {
      const token = await issuer.token({ roles });
      await expect(oidc().personOf(token)).rejects.toMatchObject({ status: 403, code: "no-role" });
    }
  });
});

test("clocks may differ by the tolerance", async () => {
  const token = await issuer.token({ exp: inSeconds(-100), nbf: inSeconds(100) });
  expect(await oidc({ toleranceSeconds: 120 }).personOf(token)).toMatchObject({ name: "oidc:ann" });
});

describe("roles", () => {
  test.each<[title: string, settings: Partial<OidcSettings>, claims: JWTPayload, roles: Role[]]>([
    ["groups, where there are no roles", {}, { roles: undefined, groups: ["viewer", "others"] }, ["viewer"]],
    ["several, in our order", {}, { roles: ["approver", "operator"] }, ["operator", "approver"]],
    ["a text with blanks", { rolesClaim: "scope" }, { scope: "openid viewer" }, ["viewer"]],
    ["inside another claim", { rolesClaim: "realm_access.roles" }, { realm_access: { roles: ["admin"] } }, ["admin"]],
    ["a claim with dots", { rolesClaim: "https://x.y/roles" }, { "https://x.y/roles": ["admin"] }, ["admin"]],
    ["values that stand for one", { roles: new Map([["team", "operator"]]) }, { roles: ["team"] }, ["operator"]],
    [
      "a verified address",
      { rolesClaim: "email", roles: new Map([["ann@x.y", "admin"]]) },
      { email: "ann@x.y", email_verified: true },
      ["admin"],
    ],
  ])("%s", async (_title, settings, claims, roles) => {
    expect(await oidc(settings).personOf(await issuer.token(claims))).toMatchObject({ roles });
  });

  test("with a mapping, the names of roles mean nothing by themselves", async () => {
    const mapped = oidc({ roles: new Map([["team", "viewer"]]) });
    await expect(mapped.personOf(await issuer.token({ roles: ["admin"] }))).rejects.toMatchObject({ code: "no-role" });
  });

  test("an address that is not verified names nobody and gives nothing", async () => {
    const token = await issuer.token({ email: "ann@x.y" });
    const roles = new Map([["ann@x.y", "admin"]] as const);
    for (const settings of [{ nameClaim: "email" }, { rolesClaim: "email", roles }]) {
      await expect(oidc(settings).personOf(token)).rejects.toMatchObject({ status: 401, code: "token-claims" });
    }
  });
});

test("new keys are found, and old ones are no longer good", async () => {
  const known = oidc();
  const old = await issuer.token();
  await known.personOf(old);
  await issuer.rotate("k2", "EdDSA");
  expect(await known.personOf(await issuer.token())).toMatchObject({ name: "oidc:ann" });
  await expect(known.personOf(old)).rejects.toMatchObject({ code: "token-key-unknown" });
});

test("made-up keys do not make the service ask each time", async () => {
  const known = oidc({}, 60_000);
  await known.personOf(await issuer.token());
  const made = await issuer.token({}, { kid: "made-up" });
  for (let at = 0; at < 5; at++) {
    await expect(known.personOf(made)).rejects.toMatchObject({ code: "token-key-unknown" });
  }
  expect(issuer.asked).toBe(1);
});

test("a provider that is down: known keys stay good, nothing else is told right or wrong, and it comes back", async () => {
  const known = oidc();
  const token = await issuer.token();
  const other = oidc();
  await known.personOf(token);
  issuer.isDown = true;
  expect(await known.personOf(token)).toMatchObject({ name: "oidc:ann" });
  await expect(known.personOf(await issuer.token({}, { kid: "k9" }))).rejects.toMatchObject({
    status: 503,
    code: "issuer-unreachable",
    headers: { "retry-after": "5" },
  });
  await expect(other.personOf(token)).rejects.toMatchObject({ code: "issuer-unreachable" });
  expect(await other.start()).toContain(`${issuer.url}/.well-known/openid-configuration: `);
  issuer.isDown = false;
  expect(await other.personOf(token)).toMatchObject({ name: "oidc:ann" });
});

test("known keys are good for a day without the provider, and no longer", async () => {
  let now = 0;
  const keys = new ProviderKeys(issuer.url, 0, () => now);
  const header = { alg: "ES256", kid: "k1" };
  const find = () => keys.find(header, { payload: "", signature: "" });
  await find();
  issuer.isDown = true;
  now = 24 * 60 * 60 * 1000;
  await find();
  now += 1;
  await expect(find()).rejects.toThrow(issuer.url);
});

test("what calls itself another issuer is told at the start, and so is an address that is not safe", async () => {
  issuer.name = "https://sso.example.com/";
  await expect(oidc().start()).rejects.toThrow("calls itself https://sso.example.com/; give it letter by letter");
  expect(() => oidc({ issuer: "http://sso.example.com" })).toThrow("must be an address with https://");
  expect(() => oidc({ issuer: "sso" })).toThrow("must be an address with https://");
});
