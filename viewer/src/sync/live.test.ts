import { expect, test } from "vitest";
import type { WireLive } from "../protocol/wire";
import { createLive, parseMessage, type Socket } from "./live";

const fakeSocket = () => {
  const listeners = new Map<string, (event: { readonly data: unknown }) => void>();
  const sent: unknown[] = [];
  const socket = {
    readyState: 0,
    send: (text: string) => sent.push(JSON.parse(text)),
    close() {},
    addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) =>
      listeners.set(type, listener),
  };
  const fire = (type: string, data: unknown = null) => {
    socket.readyState = type === "open" ? 1 : 3;
    listeners.get(type)?.({ data });
  };
  return {
    socket: socket as Socket,
    sent,
    fire,
    hear: (data: unknown) => listeners.get("message")?.({ data }),
  };
};

const pause = (wait_ms: number) => new Promise((resolve) => setTimeout(resolve, wait_ms));

test("comes back by itself, asks what it missed, and says again where the person is", async () => {
  const sockets: ReturnType<typeof fakeSocket>[] = [];
  const heard: WireLive[] = [];
  let opened = 0;
  const live = createLive({
    connect: () => {
      const fake = fakeSocket();
      sockets.push(fake);
      return fake.socket;
    },
    heard: (message) => heard.push(message),
    opened: () => {
      opened += 1;
    },
    retry_ms: 2,
  });
  live.announce({ frame: 3, object: "7" });
  sockets[0]!.fire("open");
  sockets[0]!.hear('{"type":"presence","people":[]}');
  sockets[0]!.hear("not json");
  sockets[0]!.fire("close");
  await pause(20);
  expect(sockets).toHaveLength(2);
  sockets[1]!.fire("open");
  sockets[0]!.hear('{"type":"presence","people":[]}'); // of a connection that is gone
  expect(opened).toBe(2);
  expect(heard).toHaveLength(1);
  expect(sockets[1]!.sent).toEqual([{ type: "presence", frame: 3, object: "7" }]);
  live.close();
  sockets[1]!.fire("close");
  await pause(20);
  expect(sockets).toHaveLength(2);
});

test("messages of no known kind are none", () => {
  expect(parseMessage('{"type":"ready","ready_frame_count":3}')).toMatchObject({ type: "ready" });
  expect(parseMessage('{"type":"other"}')).toBeNull();
  expect(parseMessage(new ArrayBuffer(3))).toBeNull();
});

test("a server that only closes again is asked less and less often", async () => {
  let count = 0;
  const live = createLive({
    connect: () => {
      count += 1;
      const fake = fakeSocket();
      setTimeout(() => {
        fake.fire("open");
        fake.fire("close");
      });
      return fake.socket;
    },
    heard: () => undefined,
    opened: () => undefined,
    retry_ms: 10,
  });
  await pause(200);
  live.close();
  expect(count).toBeLessThan(7); // after 10, 20, 40, 80 ms and so on
});
