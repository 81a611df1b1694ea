import { expect, test } from "vitest";
import { KEY_MAP } from "../../editor/keys";

const sources = import.meta.glob<string>("../**/*.tsx", { query: "?raw", import: "default", eager: true });

test("a tooltip names only keys that the key map knows", () => {
  const known = new Set(KEY_MAP.flatMap((binding) => binding.keys));
  const named = Object.entries(sources).flatMap(([path, source]) =>
    [...source.matchAll(/(?:shortcut=|shortcut: |[{,] key: )"([^"]+)"/g)].map((match) => ({
      path,
      chord: match[1] ?? "",
    })),
  );
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter(({ chord }) => chord !== "1–9" && !known.has(chord))).toEqual([]);
});
