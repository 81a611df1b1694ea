import { expect, test } from "vitest";
import type { Lidar } from "../state/model";
import { blocksOf } from "./points";
import { framesAhead } from "./window";

const block = (number: number) => ({ number, count: 1, origin_m: [0, 0, 0] as const, scale_m: 1 });

test("blocks are those of the page at hand, else its page is loaded", async () => {
  const [near, far] = [block(0), block(7)];
  const asked: number[] = [];
  const lidar = {
    blocks: new Map([[0, [near]]]),
    loadBlocks: async (frame: number) => {
      asked.push(frame);
      return [far];
    },
  } as unknown as Lidar;
  expect(await blocksOf(lidar, 0)).toEqual([near]);
  expect(asked).toEqual([]);
  expect(await blocksOf(lidar, 900)).toEqual([far]);
  expect(asked).toEqual([900]);
});

test("frames ahead go the way of the cursor and stay in the scene", () => {
  const outlook = { frame: 8, frame_count: 10, playing: false, speed: 1, direction: 1 } as const;
  expect(framesAhead(outlook)).toEqual([9, 7, 6]);
  expect(framesAhead({ ...outlook, frame: 1, direction: -1 })).toEqual([0, 2, 3]);
  expect(framesAhead({ ...outlook, frame: 0, frame_count: 100, playing: true })).toHaveLength(20);
});
