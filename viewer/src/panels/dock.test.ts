import { expect, test } from "vitest";
import { dock } from "./dock";

const none = { right_px: null, timeline_px: null, strip_px: null, sides_px: null };

test("opens as drawn in the mock", () => {
  expect(dock(none, 1440, 900)).toEqual({ right_px: 400, timeline_px: 208, strip_px: 200, sides_px: 296 });
  expect(dock(none, 1920, 1080)).toEqual({ right_px: 480, timeline_px: 208, strip_px: 248, sides_px: 372 });
});

test("whatever was dragged, the cloud keeps a place in every window from 1280 x 720", () => {
  for (const [width, height] of [
    [1280, 720],
    [1440, 900],
    [2560, 1440],
  ] as const) {
    for (const wish of [0, 300, 99999]) {
      const sizes = dock(
        { right_px: wish, timeline_px: wish, strip_px: wish, sides_px: wish },
        width,
        height,
      );
      expect(width - 48 - sizes.right_px).toBeGreaterThanOrEqual(420);
      expect(height - 44 - sizes.timeline_px - sizes.strip_px).toBeGreaterThanOrEqual(160);
      expect(Math.min(...Object.values(sizes))).toBeGreaterThan(0);
    }
  }
});
