import { expect, test } from "vitest";
import type { Area } from "./picture";
import { planStrip } from "./strip";

const apart = (a: Area, b: Area) =>
  a.left + a.width <= b.left ||
  b.left + b.width <= a.left ||
  a.top + a.height <= b.top ||
  b.top + b.height <= a.top;

test("nothing in the strip covers anything else, and all of it is inside", () => {
  for (const [width, height] of [
    [848, 178],
    [992, 200],
    [1390, 248],
    [992, 620],
  ] as const)
    for (const count of [1, 2, 3, 5, 6, 8])
      for (const aspect of [1.33, 1.78, 2.4, 3.31])
        for (const close of [true, false]) {
          const plan = planStrip(
            width,
            height,
            aspect,
            Array.from({ length: count }, (_, n) => (n === 1 ? 1.5 : aspect)),
            close,
          );
          const areas = [plan.whole, ...plan.tiles, ...(plan.close === null ? [] : [plan.close])];
          areas.forEach((area, n) => {
            expect(area.left + area.width).toBeLessThanOrEqual(width + 1);
            expect(area.top + area.height).toBeLessThanOrEqual(height + 1);
            for (const other of areas.slice(n + 1)) expect(apart(area, other)).toBe(true);
          });
          expect(plan.tiles).toHaveLength(count > 1 ? count : 0);
        }
});

test("one camera without a close-up has all the room, and its image stays where it was with a rig", () => {
  expect(planStrip(992, 200, 3.3, [3.3], false).whole.width).toBe(992);
  const [beside, alone] = [true, false].map((close) => planStrip(992, 200, 1.78, [1.78, 1.5, 1.78], close));
  expect(beside!.whole).toEqual(alone!.whole);
});
