import { afterEach, expect, test } from "vitest";
import type { Client } from "../protocol/client";
import { ApiError, failureOf, isAbort } from "../protocol/errors";
import { type Crew, createCrew } from "./crew";
import { BLOCK, CHUNK_BASE64 } from "./decode.fixture";
import type { Answered, Asked, Wire } from "./work";
import { serveWork } from "./workman";

const PLACE = { scene: "s", generation: "g", sensor: "top" };
const POINTS = { kind: "points", place: PLACE, coding: "meshopt", blocks: [BLOCK] } as const;
const PACKETS = { kind: "packets", place: PLACE, first: 0, count: 1 } as const;

const crews: Crew[] = [];
afterEach(() => {
  for (const crew of crews.splice(0)) crew.close();
});

/** A crew whose workers are message ports of this thread. */
const setup = (client: Partial<Client>, size = 1) => {
  let opened = 0;
  let terminated = 0;
  const paid: string[] = [];
  const crew = createCrew({
    size,
    paid: (kind, cost) => paid.push(`${kind} ${cost.bytes}`),
    open: () => {
      opened += 1;
      const { port1, port2 } = new MessageChannel();
      serveWork(port2 as unknown as Wire<Answered, Asked>, client as Client);
      port1.start();
      port2.start();
      return Object.assign(port1, {
        terminate: () => {
          terminated += 1;
          port1.close();
          port2.close();
        },
      }) as unknown as Wire<Asked, Answered> & { terminate(): void };
    },
  });
  crews.push(crew);
  return { crew, paid, counts: () => ({ opened, terminated }) };
};

const chunk = (): ArrayBuffer => Uint8Array.from(atob(CHUNK_BASE64), (each) => each.charCodeAt(0)).buffer;
const never = new AbortController().signal;
const turn = (ms = 10): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a sweep is fetched, decoded and handed over", async () => {
  const { crew, paid } = setup({ points: async () => chunk() });
  const points = await crew.perform(POINTS, never);
  expect(points.count).toBe(300);
  expect(points.xyz).toBeInstanceOf(Float32Array);
  expect(paid).toEqual([`points ${chunk().byteLength}`]);
});

test("work that is not wanted any more is aborted where it is done, and says so at once", async () => {
  const signals: AbortSignal[] = [];
  const { crew } = setup({
    packets: (_place, _first, _count, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  });
  const controller = new AbortController();
  const work = crew.perform(PACKETS, controller.signal);
  await turn();
  controller.abort();
  await expect(work).rejects.toSatisfy(isAbort);
  await turn();
  expect(signals[0]?.aborted).toBe(true);
  await expect(crew.perform(PACKETS, controller.signal)).rejects.toSatisfy(isAbort);
  expect(signals).toHaveLength(1);
});

test("a failure of the server arrives as the failure it was", async () => {
  const failure = { code: "frame_pending", status: 425, message: "not yet" } as const;
  const { crew } = setup({
    points: async () => {
      throw new ApiError(failure);
    },
  });
  const error = await crew.perform(POINTS, never).catch((reason: unknown) => reason);
  expect(failureOf(error)).toEqual(failure);
});

test("damaged data is an error that says what is wrong", async () => {
  const { crew } = setup({ points: async () => new ArrayBuffer(6) });
  await expect(crew.perform(POINTS, never)).rejects.toThrow("block 0 holds 6 bytes");
});

test("work is shared by so many workers and no more", async () => {
  const answers: ((buffer: ArrayBuffer) => void)[] = [];
  const client = { packets: () => new Promise<ArrayBuffer>((resolve) => answers.push(resolve)) };
  const { crew, counts } = setup(client, 2);
  const work = [1, 2, 3, 4].map(() => crew.perform(PACKETS, never));
  await turn();
  expect(counts().opened).toBe(2);
  expect(answers).toHaveLength(4);
  for (const answer of answers) answer(new ArrayBuffer(3));
  expect((await Promise.all(work)).map((each) => each.byteLength)).toEqual([3, 3, 3, 3]);
});

test("closing ends the workers and what they were doing", async () => {
  const { crew, counts } = setup({ packets: () => new Promise(() => undefined) });
  const work = crew.perform(PACKETS, never);
  crew.close();
  await expect(work).rejects.toSatisfy(isAbort);
  expect(counts()).toEqual({ opened: 1, terminated: 1 });
});
