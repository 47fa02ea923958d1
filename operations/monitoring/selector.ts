/** Labels that every series of an answer must have, such as `{ cluster: "noetl-cluster" }`: a project has many clusters. */
export type Scope = Readonly<Record<string, string>>;

/** A selector of a metric: `up{job="noetl-server"}`. A value that begins with `~` is a regular expression. */
export function selector(metric: string, labels: Scope, scope: Scope): string {
  const matchers = Object.entries({ ...labels, ...scope }).map(([name, value]) =>
    value.startsWith("~") ? `${name}=~${quoted(value.slice(1))}` : `${name}=${quoted(value)}`,
  );
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(",")}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
