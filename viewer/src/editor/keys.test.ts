import { expect, test } from "vitest";
import { createStateStore } from "../state/store";
import { chordOf } from "./chord";
import type { Editor } from "./contract";
import { bindingFor, KEY_MAP } from "./keys";

const press = (key: string, code: string, modifiers: Partial<Parameters<typeof chordOf>[0]> = {}) => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
});

test("no key has two meanings in one context", () => {
  for (const context of ["scene", "selection"] as const) {
    const chords = KEY_MAP.filter((binding) => binding.context === context).flatMap(
      (binding) => binding.keys,
    );
    expect(new Set(chords).size).toBe(chords.length);
  }
});

test("no key changes its meaning when something is selected", () => {
  const keysOf = (context: string) =>
    KEY_MAP.filter((binding) => binding.context === context).flatMap((binding) => binding.keys);
  const everywhere = new Set(keysOf("scene"));
  expect(keysOf("selection").filter((key) => everywhere.has(key))).toEqual([]);
});

test("every title is told once", () => {
  expect(new Set(KEY_MAP.map((binding) => binding.title)).size).toBe(KEY_MAP.length);
});

test("chords are written alike on every layout", () => {
  expect(chordOf(press("Z", "KeyY", { ctrlKey: true, shiftKey: true }))).toBe("Ctrl+Shift+Z");
  expect(chordOf(press("z", "KeyZ", { metaKey: true }))).toBe("Ctrl+Z");
  expect(chordOf(press(" ", "Space"))).toBe("Space");
  expect(chordOf(press("?", "Slash", { shiftKey: true }))).toBe("?");
  expect(chordOf(press("?", "Minus", { shiftKey: true }))).toBe("?");
  expect(chordOf(press(">", "Period", { shiftKey: true }))).toBe("Shift+.");
  expect(chordOf(press("!", "Digit1", { shiftKey: true }))).toBe("Shift+1");
  expect(chordOf(press("&", "Digit1"))).toBe("1");
  expect(chordOf(press("ф", "KeyA"))).toBe("A");
  expect(chordOf(press("å", "KeyA", { altKey: true }))).toBe("Alt+A");
  expect(chordOf(press("[", "Digit8", { ctrlKey: true, altKey: true }))).toBe("[");
  expect(chordOf(press("PageUp", "PageUp", { shiftKey: true }))).toBe("Shift+PageUp");
});

test("keys of the selection mean nothing without one", () => {
  expect(bindingFor(press("w", "KeyW"), false)).toBeNull();
  expect(bindingFor(press("w", "KeyW"), true)?.title).toBe("Move forward");
  expect(bindingFor(press(" ", "Space"), true)?.title).toBe("Play or pause");
});

test("Shift is coarse and Alt is fine", () => {
  const moved: number[] = [];
  const editor = { nudge: (forward_m: number) => moved.push(forward_m) } as unknown as Editor;
  const surroundings = {
    openPalette() {},
    openKeys() {},
    toggleStatus() {},
    fitView() {},
    confirmDelete() {},
  };
  const target = { store: createStateStore(), editor, surroundings };
  bindingFor(press("w", "KeyW"), true)?.run(target);
  bindingFor(press("W", "KeyW", { shiftKey: true }), true)?.run(target);
  bindingFor(press("w", "KeyW", { altKey: true }), true)?.run(target);
  expect(moved).toEqual([0.05, 0.25, 0.01]);
});
