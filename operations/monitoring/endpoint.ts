import { UserError } from "../../stacks/errors";
import { Prometheus } from "./prometheus";
import { defaultCredentials, tokenFromFile } from "./token";

/** Which API to ask, and how to show who asks. */
export interface EndpointChoice {
  /** Base URL of any Prometheus, before `/api/v1`. */
  url?: string | undefined;
  /** Google Cloud project whose Managed Prometheus is asked instead. */
  project?: string | undefined;
  /** Base URL for rules and alerts, when another serves them. */
  rulesUrl?: string | undefined;
  /** File with a bearer token. */
  tokenFile?: string | undefined;
  /** Whether to use Application Default Credentials; always for a project, unless there is a token file. */
  adc?: boolean | undefined;
}

/** Base URL of the query API of a project: all its clusters and locations. */
export function managedPrometheusUrl(project: string): string {
  return `https://monitoring.googleapis.com/v1/projects/${project}/location/global/prometheus`;
}

/**
 * The API that is meant.
 *
 * @throws UserError when none is named, or a token would travel unencrypted
 */
export function openPrometheus(choice: EndpointChoice): Prometheus {
  const { project, tokenFile, adc, rulesUrl } = choice;
  const url = choice.url ?? (project === undefined ? undefined : managedPrometheusUrl(project));
  if (url === undefined) {
    throw new UserError(
      "which Prometheus shall be asked?\n" +
        "next: name it with --url http://127.0.0.1:9090, or the Google Cloud project with --project NAME or --stack NAME",
    );
  }
  const token = tokenFile === undefined ? undefined : () => Promise.resolve(tokenFromFile(tokenFile));
  const usesGoogle = adc === true || choice.url === undefined;
  if ((token ?? usesGoogle) && !isPrivate(url)) {
    throw new UserError(
      `${new URL(url).origin} is not encrypted, and everybody on the way could read the token\nnext: use https, or a port-forward to this machine`,
    );
  }
  return new Prometheus(url, { rulesUrl, token: token ?? (usesGoogle ? defaultCredentials() : undefined) });
}

function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
