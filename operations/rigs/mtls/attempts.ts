import type { Clients } from "./clients";
import { type Offer, type Outcome, type Place, shakeHands, speakPlain } from "./handshake";
import type { Listener } from "./listeners";
import type { Comer } from "./matrix";

/** A name that no certificate of the platform is for. */
const ANOTHER_NAME = "another.invalid";

/** Lets one kind of client come to a listener. @returns undefined when there is no such client to come */
export async function attempt(
  comer: Comer,
  place: Place,
  { protocol, servername }: Pick<Listener, "protocol" | "servername">,
  { roots, right, stranger, expired }: Clients,
): Promise<Outcome | undefined> {
  const offer: Offer = { servername, roots, identity: right };
  const come = (change: Partial<Offer>): Promise<Outcome> => shakeHands(protocol, place, { ...offer, ...change });
  switch (comer) {
    case "right certificate":
      return come({});
    case "no certificate":
      return come({ identity: undefined });
    case "another authority":
      return come({ identity: stranger.client });
    case "expired":
      return expired && come({ identity: expired });
    case "no TLS": {
      const words = await speakPlain(protocol, place);
      if (words === undefined) return { accepted: false, by: "server", reason: "it says nothing, or nothing but TLS" };
      return { accepted: true, version: `no TLS: "${words}"`, validUntil: "" };
    }
    case "TLS 1.3":
      return come({ version: "TLSv1.3" });
    case "TLS 1.2":
      return come({ version: "TLSv1.2" });
    case "TLS 1.1":
      return come({ version: "TLSv1.1" });
    case "TLS 1.0":
      return come({ version: "TLSv1" });
    case "roots of another authority":
      return come({ roots: stranger.root });
    case "another name":
      return come({ servername: ANOTHER_NAME });
  }
}
