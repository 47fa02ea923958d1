import { z } from "zod";

/** Why a path cannot be one of Firestore's; undefined when it can. */
function problemOf(path: string, kind: "document" | "collection"): string | undefined {
  const segments = path.split("/");
  if (path === "" || segments.includes("")) return "must not have empty segments";
  if (segments.some((segment) => segment === "." || segment === "..")) return "must not have '.' or '..' as a segment";
  if (segments.some((segment) => /^__.*__$/.test(segment))) return "must not have segments like __this__";
  if (segments.some((segment) => Buffer.byteLength(segment) > 1500)) return "must not have segments over 1500 bytes";
  const isDocument = segments.length % 2 === 0;
  if (isDocument === (kind === "document")) return undefined;
  return kind === "document"
    ? "must point to a document: an even number of segments, such as trips/t1"
    : "must point to a collection: an odd number of segments, such as trips or trips/t1/stops";
}

function path(kind: "document" | "collection", example: string) {
  return z
    .string()
    .transform((text) => text.trim().replace(/^\/+|\/+$/g, ""))
    .superRefine((text, context) => {
      const message = problemOf(text, kind);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .describe(`Path of a ${kind}, such as ${example}; '/' at its ends is ignored.`);
}

/** Path of a document below the database's root. */
export const documentPath = () => path("document", "trips/t1");

/** Path of a collection below the database's root. */
export const collectionPath = () => path("collection", "trips or trips/t1/stops");
