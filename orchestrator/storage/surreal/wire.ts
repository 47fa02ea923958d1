import type { WebSocket } from "ws";
import { Away } from "./database";
import { loadWebSocket } from "./packages";

/** Milliseconds until a server must have taken a connection, and between two signs of life of a quiet one. */
const OPEN_MS = 5000;
const BEAT_MS = 2500;
/** Signs of life that may be missing. */
const MISSING = 3;
const OPEN = 1;

/** The WebSocket of a client: made by the client, watched here. It is lost also where nobody says so. */
export class Wire {
  private socket: WebSocket | undefined;
  private reason: string | undefined;
  private tell: ((reason: string) => void) | undefined;
  private readonly waiting = new Set<(error: Away) => void>();

  /** @param ca PEM that the server is trusted by. Default: public ones. */
  constructor(private readonly ca: string | undefined) {}

  /**
   * The class of WebSockets for a client.
   *
   * @param closeClient Is called before the client hears that it was closed: else it rejects its own pings, which nobody waits for.
   */
  socketClass(closeClient: () => void): unknown {
    const opened = this.opened.bind(this);
    const { ca } = this;
    const Base = loadWebSocket();
    return class extends Base {
      constructor(url: string, protocols: string) {
        super(url, protocols, { handshakeTimeout: OPEN_MS, perMessageDeflate: false, ...(ca !== undefined && { ca }) });
        opened(this, closeClient);
      }

      /** What the client does with an answer that it cannot read. */
      dispatchEvent(): boolean {
        this.terminate();
        return true;
      }
    };
  }

  /** @throws Away when it is lost before */
  async untilLost<T>(promise: Promise<T>): Promise<T> {
    if (this.reason !== undefined) throw new Away(this.reason);
    let reject: ((error: Away) => void) | undefined;
    try {
      return await new Promise<T>((resolve, refuse) => {
        this.waiting.add((reject = refuse));
        promise.then(resolve, refuse);
      });
    } finally {
      if (reject) this.waiting.delete(reject);
    }
  }

  /** Calls once it is lost. */
  onLost(tell: (reason: string) => void): void {
    this.tell = tell;
    if (this.reason !== undefined) tell(this.reason);
  }

  cut(): void {
    this.socket?.terminate();
  }

  private opened(socket: WebSocket, closeClient: () => void): void {
    this.socket = socket;
    let missing = 0;
    let reason = "the connection was lost";
    socket.once("error", ({ message }) => (reason = message));
    const beat = setInterval(() => {
      if (socket.readyState !== OPEN) return;
      if (++missing <= MISSING) socket.ping();
      else {
        reason = `no sign of life for ${((MISSING + 1) * BEAT_MS) / 1000} s`;
        socket.terminate();
      }
    }, BEAT_MS);
    for (const sign of ["pong", "message"] as const) socket.on(sign, () => (missing = 0));
    socket.once("close", () => {
      clearInterval(beat);
      closeClient();
      this.lost(reason);
    });
  }

  private lost(reason: string): void {
    this.reason = reason;
    for (const reject of this.waiting) reject(new Away(reason));
    this.waiting.clear();
    this.tell?.(reason);
  }
}
