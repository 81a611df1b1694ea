import { expect, test } from "vitest";
import { best, score } from "./match";

const texts = ["car 8", "car 84", "car 184", "Carry forward", "Keyframe here", "Go to frame 84", "van 2"];
const entries = texts.map((text) => ({ text }));

test("an exact name comes first, then beginnings", () => {
  expect(best("car 84", entries, 3)[0]?.text).toBe("car 84");
  expect(best("car 8", entries, 2).map((each) => each.text)).toEqual(["car 8", "car 84"]);
  expect(best("carry", entries, 1)[0]?.text).toBe("Carry forward");
});

test("words in any order are found, letters that are not there are not", () => {
  expect(best("frame go", entries, 1)[0]?.text).toBe("Go to frame 84");
  expect(score("zebra", "car 84")).toBeNull();
  expect(best("", entries, 2)).toHaveLength(2);
});
