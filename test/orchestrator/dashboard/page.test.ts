import { createHash } from "node:crypto";
import { Script } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { dashboardPage } from "../../../orchestrator/dashboard/page";

const { html, policy } = dashboardPage(["list_tasks", "list_environments"]);
const between = (tag: string): string[] =>
  [...html.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, "g"))].map(([, content]) => content ?? "");
const hash = (content = ""): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;

describe("the page of the dashboard", () => {
  test("given its policy, runs and loads nothing but its own, and asks only where it came from", () => {
    const [style] = between("style");
    const [, script] = between("script");
    expect(policy).toBe(
      `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; img-src data:; base-uri 'none'; ` +
        "form-action 'none'; require-trusted-types-for 'script'; connect-src 'self'; frame-ancestors 'none'",
    );
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:\/\/|url\(|@import| style=| on[a-z]+=|\bsrc=/,
    );
  });

  test("given its modules, is one script: no name stands twice, nothing is imported, and it is no template for markup", () => {
    const [data, script = ""] = between("script");
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(/^(import|export) |innerHTML|insertAdjacentHTML|localStorage|document\.cookie/m);
    expect(JSON.parse(data ?? "")).toMatchObject({
      routes: ["list_tasks", "list_environments"],
      impacts: { "rolling-restart": { sign: "↻", tone: "caution" } },
    });
  });
});
