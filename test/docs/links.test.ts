import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ROOT } from "../cli/support";

const PAGES = ["", ".github", "docs", "examples"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { encoding: "utf8", recursive: folder !== "" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join(folder, path)),
);

/** Without what only looks like links: code. */
function proseOf(page: string): string {
  const text = readFileSync(join(ROOT, page), "utf8");
  return text.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ""));
}

/** Targets of a page's links, images too, but for those of other sites. */
function linksOf(page: string): string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The names that GitHub gives to a page's headings. */
function anchorsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => title);
  return headings.map((title) =>
    title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Why a link leads nowhere; undefined when it does not. */
function fault(page: string, link: string): string | undefined {
  const [path = "", anchor] = link.split("#", 2);
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined || !target.endsWith(".md") || anchorsOf(target).includes(anchor)) return undefined;
  return `${link}: ${target} has no such heading`;
}

describe("links", () => {
  test.each(PAGES)("of %s lead somewhere", (page) => {
    const faults = linksOf(page).map((link) => fault(page, link));
    expect(faults.filter((one) => one !== undefined)).toEqual([]);
  });

  test("are found, and faults are", () => {
    expect(linksOf("README.md")).toContain("docs/configuration.md");
    expect(fault("docs/gke.md", "nowhere.md")).toBe("nowhere.md: there is no docs/nowhere.md");
    expect(fault("docs/gke.md", "secrets.md#nothing")).toBe("secrets.md#nothing: docs/secrets.md has no such heading");
    expect(fault("docs/gke.md", "../README.md#find-your-way")).toBeUndefined();
  });
});
