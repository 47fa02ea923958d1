import { readFileSync } from "node:fs";
import { firstLine, UserError } from "../../stacks/errors";
import type * as Google from "google-auth-library";
import { ApiProblem } from "./problem";

/** What Google's API wants a token for. */
const SCOPE = "https://www.googleapis.com/auth/monitoring.read";

/**
 * Reads a bearer token from a file, anew each time: whoever writes the file renews it.
 *
 * @throws UserError when there is none, without what the file holds
 */
export function tokenFromFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UserError(`the token file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ""}`);
  }
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new UserError(
    `the token file ${file} holds no token\nnext: write one line into it, as gcloud auth print-access-token prints it`,
  );
}

/**
 * Gives tokens of Application Default Credentials, kept until they end.
 *
 * @see https://cloud.google.com/docs/authentication/application-default-credentials
 */
export function defaultCredentials(): () => Promise<string> {
  const { GoogleAuth } = loadGoogle();
  // Any project: without one, the library asks Google which it is, and that takes rights that nothing here needs.
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: "none" });
  return async () => {
    let token: string | null | undefined;
    let reason = "they hold no token";
    try {
      token = await auth.getAccessToken();
    } catch (error) {
      // Errors of the request hold the request, so that only the first line of what they say is kept.
      reason = error instanceof Error ? firstLine(error.message) : reason;
    }
    if (token) return token;
    throw new ApiProblem(
      "unauthorized",
      `Application Default Credentials give no token: ${reason}`,
      "run: gcloud auth application-default login; or give a token with --token-file FILE",
    );
  };
}

/** Loaded when it is needed: few commands ask Google. */
function loadGoogle(): typeof Google {
  // Code that V8 has cached cannot `import()`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("google-auth-library") as typeof Google;
}
