import { DocumentReference, FieldValue, GeoPoint, Timestamp, type DocumentSnapshot } from "@google-cloud/firestore";

/** A document as the tools answer it. */
export interface PlainDocument {
  path: string;
  /** RFC 3339, microseconds, like all times here. */
  createTime: string | undefined;
  updateTime: string | undefined;
  data: Record<string, unknown>;
}

export function plainDocument(snapshot: DocumentSnapshot): PlainDocument {
  return {
    path: snapshot.ref.path,
    createTime: snapshot.createTime && plainTime(snapshot.createTime),
    updateTime: snapshot.updateTime && plainTime(snapshot.updateTime),
    data: plain(snapshot.data() ?? {}) as Record<string, unknown>,
  };
}

/**
 * A value of Firestore as JSON has it: times as RFC 3339, bytes as base64, references as paths, vectors as arrays;
 * whole numbers that JSON would round, and numbers that it does not have, as text.
 */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Timestamp) return plainTime(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof DocumentReference) return value.path;
  if (value instanceof GeoPoint) return { latitude: value.latitude, longitude: value.longitude };
  if (isVector(value)) return value.toArray();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** The class of vectors is not exported, so one is made to compare with. */
function isVector(value: object): value is { toArray(): number[] } {
  return value.constructor === FieldValue.vector([]).constructor;
}

export function plainTime(time: Timestamp): string {
  const micros = String(Math.floor(time.nanoseconds / 1000)).padStart(6, "0");
  return new Date(time.seconds * 1000).toISOString().replace(".000Z", `.${micros}Z`);
}
