/** The cheat sheet's lines: what belongs together on one line, by group. */

import type { KeyBinding, KeyGroup } from "../../editor/keys";

export interface Line {
  readonly title: string;
  readonly keys: readonly string[];
}

export interface Group {
  readonly group: KeyGroup;
  readonly lines: readonly Line[];
}

/** A key's coarse and fine forms, and runs of numbers, are one line each: the sheet is for reading. */
export function groupKeys(map: readonly KeyBinding[]): readonly Group[] {
  const groups = new Map<KeyGroup, Line[]>();
  for (const binding of map) {
    if (/, (coarse|fine)$/.test(binding.title)) continue;
    const lines = groups.get(binding.group) ?? [];
    groups.set(binding.group, lines);
    const run = /^(.*?) \d( .*)?$/.exec(binding.title);
    const title = run ? `${run[1]}${run[2] ?? ""}` : binding.title;
    const last = lines.at(-1);
    if (run && last?.title === title) {
      const first = last.keys[0] ?? "";
      lines[lines.length - 1] = { title, keys: [`${first.split("–")[0]}–${binding.keys[0]?.at(-1)}`] };
    } else lines.push({ title, keys: binding.keys });
  }
  return [...groups].map(([group, lines]) => ({ group, lines }));
}

const SIGNS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "Page ↑",
  PageDown: "Page ↓",
  Escape: "Esc",
  Delete: "Del",
};

/** A chord as its key caps: "Ctrl+Shift+Z" as three. */
export const capsOf = (chord: string): readonly string[] =>
  chord.split(/(?<=.)\+(?=.)/).map((key) => SIGNS[key] ?? key);
