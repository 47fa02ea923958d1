import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

/** Where Debian and others put it. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Why no page can be opened here; undefined when it can. */
export function browserImpossible(): string | undefined {
  return PLACES.some((place) => existsSync(place)) ? undefined : "chromium not installed: Debian's chromium";
}

/** A page in a browser, with what went wrong in it. */
export interface Opened {
  page: Page;
  /** Messages of its console, and errors that nothing caught. */
  complaints: string[];
  /** Addresses that it asked for beside its own. */
  requests: string[];
}

/** A headless Chromium that opens pages from a folder of its own. */
export class Pages {
  private constructor(
    private readonly browser: Browser,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Pages> {
    const executablePath = PLACES.find((place) => existsSync(place)) ?? "";
    // Root, which tests run as in containers, may not use the sandbox.
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: 120_000 });
    return new Pages(browser, mkdtempSync(join(tmpdir(), "noetl-pages-")));
  }

  async open(html: string, options: { colorScheme?: "light" | "dark"; hash?: string } = {}): Promise<Opened> {
    const file = join(this.folder, "page.html");
    writeFileSync(file, html);
    const { hash = "", ...others } = options;
    return this.visit(`file://${file}${hash}`, `file://${file}`, others);
  }

  /** @param own What the addresses begin with that the page may ask for. */
  async visit(url: string, own: string, options: { colorScheme?: "light" | "dark" } = {}): Promise<Opened> {
    const page = await this.browser.newPage({
      colorScheme: options.colorScheme ?? "light",
      viewport: { width: 1440, height: 900 },
    });
    page.setDefaultTimeout(60_000);
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(own) && request.url() !== "data:,") requests.push(request.url());
    });
    await page.goto(url);
    return { page, complaints, requests };
  }

  async stop(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** Ids of the rules of axe-core that a page breaks, with the elements; the page's own policy stays in force. */
export async function violations(page: Page): Promise<string[]> {
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression: `axe.run().then(({ violations, passes }) => {
      if (passes.length < 10) throw new Error("axe looked at nothing");
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + " " + html.slice(0, 200)));
    })`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value as string[];
}
