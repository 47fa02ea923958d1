import { randomInt, randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { FieldValue, type DocumentReference, type Firestore, type Transaction } from "@google-cloud/firestore";
import { Failure, grpcCode } from "./failure";
import { KeyedQueue } from "./keyed-queue";
import { redact } from "./redact";
import { plain } from "./values";

/** What somebody appends. */
export interface NewEvent {
  type: string;
  payload: Record<string, unknown>;
  /** The event that this one answers. */
  parent_seq?: number | undefined;
}

export interface Appended {
  thread_path: string;
  path: string;
  /** Position in the thread, from 1 on, without gaps. */
  seq: number;
  /** The event as it is stored, redacted, without `server_time`. */
  event: Record<string, unknown>;
}

/** Which part of a thread to replay. */
export interface Replay {
  thread_path: string;
  /** First position, included. */
  seq_from: number;
  /** Last position, included. Default: the end of the thread. */
  seq_to?: number | undefined;
  /** Only events of these types. Default: all. */
  type_filter: readonly string[];
  /** Events at most. */
  limit: number;
}

const ALREADY_EXISTS = 6;
const ABORTED = 10;

/** As many as 2^53 - 1 has, so that the order of the ids is that of the numbers. */
const DIGITS = 16;

/** Tries of one append; each lost try means that another append was stored. */
const TRIES = 100;

/** Milliseconds between two tries at most. */
const LONGEST_WAIT = 500;

/**
 * The events of threads: `THREAD/events/SEQ`, where SEQ is the event's number, padded with zeros. Two appends that read
 * the same maximum want the same document, and Firestore creates it for one of them only, whatever else a transaction
 * guarantees. The transaction holds off those who number events without such ids, as NoETL's playbook does.
 */
export class EventLog {
  readonly #queue = new KeyedQueue();

  /** @param pause Waits so many milliseconds; tests need not. */
  constructor(
    private readonly db: Firestore,
    private readonly pause: (milliseconds: number) => Promise<unknown> = setTimeout,
  ) {}

  /**
   * Appends an event; those of one process to one thread get their numbers in the order of the calls.
   *
   * @throws Failure 409 when other writers were faster each time.
   */
  append(thread: string, event: NewEvent): Promise<Appended> {
    return this.#queue.run(thread, () => this.#append(thread, event));
  }

  async #append(thread: string, { type, payload, parent_seq }: NewEvent): Promise<Appended> {
    const attempt = {
      // Tells our own event from another's when the answer to a commit was lost.
      append_id: randomUUID(),
      fields: {
        type,
        payload: redact(payload),
        thread_path: thread,
        ...(parent_seq !== undefined && { parent_seq }),
      },
      tried: undefined as DocumentReference | undefined,
    };
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        const seq = await this.db.runTransaction((transaction) => this.#number(transaction, thread, attempt));
        return {
          thread_path: thread,
          path: this.#ref(thread, seq).path,
          seq,
          event: { seq, ...attempt.fields, append_id: attempt.append_id },
        };
      } catch (error) {
        if (![ALREADY_EXISTS, ABORTED].includes(grpcCode(error) ?? 0)) throw error;
        await this.pause(randomInt(Math.min(LONGEST_WAIT, 5 * 2 ** Math.min(tries, 10))));
      }
    }
    throw new Failure(409, `${TRIES} tries to append to ${thread} lost against other writers; try again`);
  }

  /** Creates the event with the next number, unless an earlier try of the same append has done so already. */
  async #number(
    transaction: Transaction,
    thread: string,
    attempt: { append_id: string; fields: object; tried: DocumentReference | undefined },
  ): Promise<number> {
    if (attempt.tried) {
      const former = await transaction.get(attempt.tried);
      if (former.get("append_id") === attempt.append_id) return Number(former.get("seq"));
    }
    const seq = (await this.#maximum(transaction, thread)) + 1;
    const ref = this.#ref(thread, seq);
    attempt.tried = ref;
    transaction.create(ref, {
      seq,
      ...attempt.fields,
      append_id: attempt.append_id,
      server_time: FieldValue.serverTimestamp(),
    });
    return seq;
  }

  async #maximum(transaction: Transaction, thread: string): Promise<number> {
    // The bound keeps out what is no number: text sorts after all numbers.
    const last = this.#events(thread).where("seq", ">=", 0).orderBy("seq", "desc").limit(1);
    const [snapshot] = (await transaction.get(last)).docs;
    const maximum = snapshot === undefined ? 0 : Number(snapshot.get("seq"));
    if (Number.isSafeInteger(maximum + 1)) return maximum;
    throw new Failure(409, `the last event of ${thread} has seq ${maximum}, which has no next whole number`);
  }

  /** The events of a thread in ascending order, and where to go on when there may be more. */
  async replay({ thread_path: thread, seq_from, seq_to, type_filter, limit }: Replay) {
    let query = this.#events(thread).where("seq", ">=", seq_from);
    if (seq_to !== undefined) query = query.where("seq", "<=", seq_to);
    if (type_filter.length > 0) query = query.where("type", "in", type_filter);
    const { docs } = await query.orderBy("seq", "asc").limit(limit).get();
    const events = docs.map((doc) => ({
      path: doc.ref.path,
      ...(plain(doc.data()) as { seq: number; append_id?: string }),
    }));
    const last = events.at(-1);
    return {
      thread_path: thread,
      count: events.length,
      events,
      next_seq: last !== undefined && events.length === limit ? last.seq + 1 : null,
    };
  }

  #events(thread: string) {
    return this.db.collection(`${thread}/events`);
  }

  #ref(thread: string, seq: number): DocumentReference {
    return this.#events(thread).doc(String(seq).padStart(DIGITS, "0"));
  }
}
