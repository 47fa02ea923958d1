import { escapeXml } from "../../preview/svg";
import type { openApi } from "./openapi";

interface Shown {
  operationId: string;
  summary: string;
  description: string;
  parameters: { name: string; in: string; required: boolean; description?: string; schema: unknown }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description?: string }>;
}

/** What the page may do: nothing but show itself. */
export const DOCS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem; }
section { border-top: 1px solid; padding: .5rem 0 1rem; }
th, td { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0; }
`;

/** The OpenAPI document as a page: one file that needs no other. */
export function docsPage(document: ReturnType<typeof openApi>): string {
  const sections = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, shown]) => section(`${method.toUpperCase()} ${path}`, shown as Shown)),
  );
  const { title, description } = document.info;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<p>${escapeXml(description)} For programs: <a href="/openapi.json">openapi.json</a>.</p>
<p>Every answer is <code>{ "success", "data", "error" }</code>. An error has a stable <code>code</code>, a
<code>message</code>, and the <code>path</code> of the field that is to blame.</p>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`;
}

function section(
  title: string,
  { operationId, summary, description, parameters, requestBody, responses }: Shown,
): string {
  const body = requestBody?.content["application/json"]?.schema;
  const rows = parameters.map(({ name, in: place, required, description: what = "" }) => {
    const need = required ? "required" : "";
    return `<tr><td><code>${escapeXml(name)}</code></td><td>${place} ${need}</td><td>${escapeXml(what)}</td></tr>`;
  });
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `<li><code>${status}</code> ${escapeXml(answer.description ?? "The request was refused.")}</li>`,
  );
  return `<section id="${operationId}">
<h2><code>${escapeXml(title)}</code></h2>
<p>${escapeXml(summary)}. ${escapeXml(description)}</p>
${rows.length > 0 ? `<table>${rows.join("")}</table>` : ""}
${body === undefined ? "" : `<details><summary>Body</summary><pre>${escapeXml(JSON.stringify(body, null, 2))}</pre></details>`}
<ul>${answers.join("")}</ul>
</section>`;
}
