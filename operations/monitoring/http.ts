import { ApiProblem } from "./problem";

/** How requests to an API are made. */
export interface HttpOptions {
  /** Gives the bearer token of a request; called for each, because tokens end. Default: none is sent. */
  token?: (() => Promise<string>) | undefined;
  /** Milliseconds until an answer counts as missing. Default: 15 000. */
  limit?: number;
}

const LIMIT = 15_000;

/**
 * Makes a request and gives the text of the answer.
 *
 * @param url The whole URL.
 * @param request What `fetch` takes.
 * @throws ApiProblem for everything but an answer of 2xx
 */
export async function request(url: string, options: HttpOptions, request: RequestInit = {}): Promise<string> {
  const token = await options.token?.();
  const headers = {
    ...(request.headers as Record<string, string>),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const limit = options.limit ?? LIMIT;
  let response: Response;
  let text: string;
  try {
    // A redirect leads to a page for people to log in at, and would take the token along.
    const init: RequestInit = { ...request, headers, redirect: "manual", signal: AbortSignal.timeout(limit) };
    response = await fetch(url, init);
    text = await response.text();
  } catch (error) {
    throw new ApiProblem(
      "unreachable",
      `${originOf(url)} cannot be reached: ${reasonOf(error, limit)}`,
      "check the URL; an API inside a cluster needs a port-forward that runs",
    );
  }
  if (response.ok) return text;
  throw problemOf(response, text, url, token !== undefined);
}

function problemOf({ status, headers }: Response, text: string, url: string, hadToken: boolean): ApiProblem {
  const place = originOf(url);
  const says = `${place} answers ${status}${detailOf(text)}`;
  if (status === 401 || status === 403) {
    return new ApiProblem(
      "unauthorized",
      says,
      hadToken
        ? "the token is not valid there or lacks the right; Google's API wants roles/monitoring.viewer in the project"
        : "give a token: --token-file FILE, or --adc for Application Default Credentials",
    );
  }
  if (status === 429) {
    const seconds = secondsOf(headers.get("retry-after"));
    const when = seconds === undefined ? "in a minute" : `in ${seconds} s`;
    return new ApiProblem("rateLimited", `${says}: too many requests`, `ask again ${when}`, seconds);
  }
  if (status >= 300 && status < 400) {
    return new ApiProblem(
      "unreadable",
      `${says}: a redirect`,
      "give the URL of the API itself, not of a page before it",
    );
  }
  if (status === 404 || status === 405 || status === 501) {
    return new ApiProblem(
      "unsupported",
      says,
      "check the URL: it ends before /api/v1, and this API must serve the call",
    );
  }
  if (status >= 500) return new ApiProblem("unreachable", says, "look at the service behind it, and ask again");
  return new ApiProblem("refused", says, "this is a mistake in the question, not in the platform");
}

/** What an error's body says, if it says it the way Prometheus or Google do. */
function detailOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    const said = typeof error === "object" && error !== null ? (error as { message?: unknown }).message : error;
    return typeof said === "string" ? `: ${said.slice(0, 300)}` : "";
  } catch {
    return "";
  }
}

function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

/** Where a URL leads, without its path: paths of proxies may hold keys. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

function reasonOf(error: unknown, limit: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === "TimeoutError") return `no answer within ${limit / 1000} s`;
  // fetch says only that it failed; why is in the cause, whose message is empty where several addresses failed.
  const reason = cause?.message ?? "";
  return reason === "" ? (cause?.code ?? message) : reason;
}
