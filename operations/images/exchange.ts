import { RegistryProblem } from "./problem";
import { isLoopback } from "./target";

/** A request to a registry, or to whoever gives its tokens. */
export interface RegistryRequest {
  method: "GET" | "HEAD";
  accept?: string;
  /** Value of the header `Authorization`; goes to the origin of the URL alone. */
  authorization?: string | undefined;
  /** Milliseconds until the whole answer must be there, redirects included. */
  limit: number;
}

/** An answer, read whole. */
export interface RegistryAnswer {
  status: number;
  headers: Headers;
  body: Buffer;
}

/** Manifests are smaller by the specification, and what else is read here is smaller still. */
const LARGEST = 4 * 1024 * 1024;

const REDIRECTS = 5;

/**
 * Makes a request and reads the answer. Redirects are followed, because registries hand out blobs from elsewhere.
 *
 * @throws RegistryProblem when no answer comes, it is too large, or it leads where nobody should go
 */
export async function exchange(url: URL, request: RegistryRequest): Promise<RegistryAnswer> {
  const signal = AbortSignal.timeout(request.limit);
  let place = url;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    assertSafe(place);
    const answer = await once(place, request, place.origin === url.origin, signal);
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status >= 400 || location === null) return answer;
    if (!URL.canParse(location, place.href)) throw new RegistryProblem("wrong", `${url.host} redirects to no URL`);
    place = new URL(location, place);
  }
  throw new RegistryProblem("wrong", `${url.host} redirects more than ${REDIRECTS} times`);
}

async function once(
  url: URL,
  { method, accept, authorization, limit }: RegistryRequest,
  isHome: boolean,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const headers = {
    ...(accept !== undefined && { accept }),
    ...(authorization !== undefined && isHome && { authorization }),
  };
  try {
    const response = await fetch(url.href, { method, headers, redirect: "manual", signal });
    return { status: response.status, headers: response.headers, body: await read(response, url) };
  } catch (error) {
    if (error instanceof RegistryProblem) throw error;
    throw new RegistryProblem("unreachable", `${url.host} cannot be reached: ${reasonOf(error, limit)}`);
  }
}

async function read({ body }: Response, url: URL): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > LARGEST) throw new RegistryProblem("wrong", `${url.host} answers with more than ${LARGEST} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function assertSafe({ protocol, hostname, host }: URL): void {
  if (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) return;
  throw new RegistryProblem("wrong", `it leads to ${protocol}//${host}, which is not protected by TLS`);
}

function reasonOf(error: unknown, limit: number): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === "TimeoutError") return `no whole answer within ${limit / 1000} s`;
  // fetch says only that it failed; why is in the cause, whose message is empty where several addresses failed.
  const reason = cause?.message ?? "";
  return reason === "" ? (cause?.code ?? message) : reason;
}
