/** What this person prefers on this machine, kept in localStorage. */

import { useSyncExternalStore } from "react";

interface Preferences {
  readonly position_from: "sensor" | "world";
  readonly right_px: number | null; // null: the width the window's size suggests
  readonly timeline_px: number | null;
  readonly strip_px: number | null;
  readonly sides_px: number | null;
}

const initial: Preferences = {
  position_from: "sensor",
  right_px: null,
  timeline_px: null,
  strip_px: null,
  sides_px: null,
};

const KEY = "worldline.preferences";
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof stored === "object" && stored !== null ? { ...initial, ...stored } : initial;
  } catch {
    return initial; // storage is off or holds something else: the defaults serve
  }
}

function write(more: Partial<Preferences>): void {
  current = { ...current, ...more };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is off or full: the preference lasts until the page closes.
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function usePreference<K extends keyof Preferences>(
  name: K,
): readonly [Preferences[K], (value: Preferences[K]) => void] {
  const value = useSyncExternalStore(subscribe, () => current[name]);
  return [value, (next) => write({ [name]: next } as Partial<Preferences>)];
}
