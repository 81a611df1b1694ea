import { expect, test } from "vitest";
import { writeDuration } from "./duration";

test("durations grow from seconds to hours", () => {
  expect([0, 3.7, 64, 59.96, 7384].map(writeDuration)).toEqual([
    "",
    "3.7 s",
    "1:04 min",
    "60.0 s",
    "2:03:04 h",
  ]);
});
