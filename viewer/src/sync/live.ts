/** The live connection: what others do as it happens, and who is here; it comes back by itself. */

import type { WireLive } from "../protocol/wire";

export interface Presence {
  readonly frame: number | null;
  readonly object: string | null;
}

export interface Live {
  /** Tells the others where this person is; only the latest matters. */
  announce(presence: Presence): void;
  close(): void;
}

/** A WebSocket as this file needs it. */
export interface Socket {
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: "open" | "close", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

export interface LiveOptions {
  readonly connect: () => Socket;
  readonly heard: (message: WireLive) => void;
  /** The connection stands: what happened before has to be asked for. */
  readonly opened: () => void;
  readonly closed?: () => void;
  readonly retry_ms?: number;
}

const OPEN = 1;
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 3000;
const ANNOUNCE_MS = 150;

export const createLive = (options: LiveOptions): Live => {
  let socket: Socket | null = null;
  let failures = 0;
  let isClosed = false;
  let reconnect: ReturnType<typeof setTimeout> | undefined;
  let latest: Presence | null = null;
  let telling: ReturnType<typeof setTimeout> | undefined;

  const tell = (): void => {
    telling = undefined;
    if (latest && socket?.readyState === OPEN) socket.send(JSON.stringify({ type: "presence", ...latest }));
  };

  const open = (): void => {
    const fresh = options.connect();
    socket = fresh;
    fresh.addEventListener("open", () => {
      options.opened();
      tell();
    });
    fresh.addEventListener("message", (event) => {
      const message = parseMessage(event.data);
      if (!message || socket !== fresh) return;
      failures = 0; // a server that only closes again has nothing for us
      options.heard(message);
    });
    fresh.addEventListener("close", () => {
      if (isClosed || socket !== fresh) return;
      socket = null;
      options.closed?.();
      const wait_ms = Math.min((options.retry_ms ?? RETRY_MS) * 2 ** failures, LONGEST_RETRY_MS);
      failures += 1;
      reconnect = setTimeout(open, wait_ms);
    });
  };
  open();

  return {
    announce(presence) {
      latest = presence;
      telling ??= setTimeout(tell, ANNOUNCE_MS);
    },
    close() {
      isClosed = true;
      clearTimeout(reconnect);
      clearTimeout(telling);
      socket?.close();
      socket = null;
    },
  };
};

/** A message of the server, null for what is none. */
export const parseMessage = (data: unknown): WireLive | null => {
  if (typeof data !== "string") return null;
  let message: unknown;
  try {
    message = JSON.parse(data);
  } catch {
    return null;
  }
  const type = (message as { type?: unknown } | null)?.type;
  return type === "change" || type === "presence" || type === "ready" ? (message as WireLive) : null;
};
