import { connectToNats } from "./messaging";
import { type Place, StartError } from "./place";

/** Names of init containers that wait until NATS takes the platform's login. */
const WAITING = ["make-streams", "wait-for-nats"];

/**
 * Does what the server's init containers do, in whose absence a server would start without messaging: waits for NATS, and
 * makes the streams and consumers that the stack declares. Those that are there stay as they are.
 *
 * @param container the init container that the place is of
 * @throws StartError while NATS is not there: the kubelet tries again
 */
export async function makeStreams(container: string, place: Place): Promise<void> {
  if (!WAITING.includes(container)) return;
  const { NATS_URL: url = "", NATS_USER: user, NATS_PASSWORD: password } = place.env;
  const nats = await connectToNats(place, url, { user, password }).catch((error: unknown) => {
    throw new StartError(`${container}: ${(error as Error).message}`);
  });
  try {
    const requests = [...place.files].map(([path, body]) => [path.slice(path.lastIndexOf("/") + 1), body] as const);
    // A consumer belongs to a stream.
    for (const kind of ["STREAM.", "CONSUMER."]) {
      for (const [subject, body] of requests) {
        if (subject.startsWith(kind)) await nats.request(`$JS.API.${subject}`, body, { timeout: 10_000 });
      }
    }
  } finally {
    await nats.close();
  }
}
