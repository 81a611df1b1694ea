import { describe, expect, test } from "vitest";
import type { IndexedStream } from "../state/model";
import { createPacketTable, planStart, splitPackets } from "./packets";
import { createVideoReader, type Decoder, type OpenDecoder } from "./video";

/** Groups of 8 in decode order I P B B P B B P, with PTS 0 3 1 2 6 4 5 7, 1000 apart from 500. */
const ORDER = [0, 3, 1, 2, 6, 4, 5, 7];
const GROUPS = 4;
const streamOf = (): IndexedStream => {
  const frame = Array.from({ length: GROUPS }, (_, group) => ORDER.map((at) => group * 8 + at)).flat();
  return {
    codec: "avc1.64001f",
    extradata_base64: "",
    time_base: [1, 90000],
    width_px: 4,
    height_px: 4,
    rotation_deg: 0,
    index: {
      frame,
      pts: frame.map((each) => 500 + each * 1000),
      key: frame.map((_, packet) => packet % 8 === 0),
      size: frame.map((_, packet) => 1 + (packet % 3)),
    },
  };
};

/** A decoder that gives out frames in order of PTS and holds the last few back. */
const fakeDecoder = (holds: number) => {
  const decoded: number[] = [];
  let resets = 0;
  const open: OpenDecoder = (_stream, output) => {
    let held: number[] = [];
    let needsKey = true;
    const emit = (left: number) => {
      held.sort((a, b) => a - b);
      while (held.length > left) {
        const timestamp = held.shift()!;
        output(timestamp, Promise.resolve({ timestamp, close() {} } as unknown as ImageBitmap));
      }
    };
    const decoder: Decoder = {
      decode({ key, timestamp }) {
        if (needsKey && !key) throw new Error("a decoder starts at a key packet");
        needsKey = false;
        decoded.push(timestamp);
        held.push(timestamp);
        emit(holds);
      },
      async flush() {
        emit(0);
        needsKey = true;
      },
      reset() {
        held = [];
        needsKey = true;
        resets += 1;
      },
      idle: async () => undefined,
      close() {},
    };
    return decoder;
  };
  return { open, decoded, resets: () => resets };
};

const readerOf = (holds: number) => {
  const stream = streamOf();
  const fake = fakeDecoder(holds);
  const fetched: [number, number][] = [];
  const passed: number[] = [];
  const reader = createVideoReader({
    stream,
    open: fake.open,
    decoded: (frame) => passed.push(frame),
    fetchPackets: async (first, count) => {
      fetched.push([first, count]);
      return new ArrayBuffer(
        stream.index.size.slice(first, first + count).reduce((sum, size) => sum + size, 0),
      );
    },
  });
  const frame = async (at: number) => {
    const image = await reader.frame(at, new AbortController().signal);
    return ((image as unknown as { timestamp: number }).timestamp - 500) / 1000;
  };
  return { ...fake, frame, fetched, passed };
};

describe.each([0, 2, 4])("a decoder that holds %i frames back", (holds) => {
  test("gives exactly the frame asked for, forward, backward and at random", async () => {
    const { frame } = readerOf(holds);
    const asked = [0, 1, 2, 3, 9, 8, 31, 30, 0, 17, 5, 24, 23, 16];
    for (const at of asked) expect(await frame(at)).toBe(at);
  });

  test("goes on where it stands when going forward", async () => {
    const { frame, decoded, resets } = readerOf(holds);
    for (let at = 0; at < 24; at++) await frame(at);
    expect(resets()).toBeLessThanOrEqual(2);
    expect(decoded.length).toBeLessThanOrEqual(40);
  });
});

test("frames met on the way are handed on", async () => {
  const { frame, passed } = readerOf(2);
  await frame(1);
  await Promise.resolve();
  expect(passed).toContain(2);
  expect(passed).not.toContain(0); // behind the wanted one
});

test("decoding starts at the key packet before", () => {
  const table = createPacketTable(streamOf().index);
  const nothing = new Set<number>();
  expect(planStart(table, { next: null, inside: nothing }, 12)).toEqual({ from: 8, reset: true });
  expect(planStart(table, { next: 11, inside: nothing }, 12)).toEqual({ from: 11, reset: false });
  expect(planStart(table, { next: 30, inside: nothing }, 12)).toEqual({ from: 8, reset: true });
  expect(planStart(table, { next: 14, inside: new Set([12]) }, 12)).toEqual({ from: 14, reset: false });
  expect(planStart(table, { next: 3, inside: nothing }, 12)).toEqual({ from: 8, reset: true });
  expect(() => planStart(table, { next: null, inside: nothing }, 99)).toThrow("no frame 99");
});

test("packets that do not add up are refused", () => {
  expect(splitPackets(new ArrayBuffer(5), [2, 3]).map((packet) => packet.length)).toEqual([2, 3]);
  expect(() => splitPackets(new ArrayBuffer(4), [2, 3])).toThrow("5 bytes were expected");
});
