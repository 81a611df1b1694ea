import { expect, test } from "vitest";
import { KEY_MAP } from "../../editor/keys";
import { capsOf, groupKeys } from "./sheet";

test("every key of the map is on the sheet, the coarse and fine forms by one sentence", () => {
  const lines = groupKeys(KEY_MAP).flatMap((group) => group.lines);
  const titles = lines.map((line) => line.title);
  expect(titles).toContain("Carry forward");
  expect(titles).toContain("Move forward");
  expect(titles).not.toContain("Move forward, fine");
  expect(new Set(titles).size).toBe(titles.length);
});

test("a run of numbers is one line", () => {
  const lines = groupKeys(KEY_MAP).flatMap((group) => group.lines);
  expect(lines.find((line) => line.title === "Class of the list")?.keys).toEqual(["1–9"]);
  expect(lines.find((line) => line.title === "Occlusion from here on")?.keys).toEqual(["Shift+0–3"]);
});

test("a chord is as many caps as keys, also when plus is one of them", () => {
  expect(capsOf("Ctrl+Shift+Z")).toEqual(["Ctrl", "Shift", "Z"]);
  expect(capsOf("ArrowLeft")).toEqual(["←"]);
  expect(capsOf("+")).toEqual(["+"]);
  expect(capsOf("Ctrl++")).toEqual(["Ctrl", "+"]);
});
