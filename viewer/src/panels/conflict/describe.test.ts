import { expect, test } from "vitest";
import type { Labels } from "../../state/model";
import { track } from "../labels/tracks.fixture";
import { describePath, describeValue } from "./describe";

const labels: Labels = {
  objects: new Map([["12", { id: "12", class_name: "car", number: 84, attributes: {} }]]),
  tracks: new Map([["12.cuboid", track()]]),
  ignore_regions: new Map(),
};

test("a path reads as the thing it is about", () => {
  expect(describePath("tracks/12.cuboid/keyframes/7", labels)).toBe("car 84, frame 7");
  expect(describePath("tracks/12.cuboid/spans", labels)).toBe("car 84, where it is present");
  expect(describePath("tracks/12.cuboid", labels)).toBe("car 84, size");
  expect(describePath("tracks/12.cuboid/attributes/brake_light/9", labels)).toBe(
    "car 84, brake light from frame 9",
  );
  expect(describePath("objects/12", labels)).toBe("car 84");
  expect(describePath("tracks/99/spans", labels)).toBe("track 99, where it is present");
});

test("a value reads as people say it", () => {
  const shape = { center_m: [1, -2.5, 0], rotation_wxyz: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] };
  expect(describeValue({ shape, source: "human" })).toBe("at 1.00  −2.50  0.00 m, yaw 90.0°");
  expect(describeValue([{ start: 3, end: 10, occlusion: 0 }])).toBe("3–9");
  expect(describeValue({ class_name: "van", number: 3 })).toBe("van 3");
  expect(describeValue(null)).toBe("removed");
  expect(describeValue(true)).toBe("yes");
});
