/** Key chords: how a press of keys is written, the same on every keyboard layout. */

/** What a keyboard event says; the DOM's own events fit. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const NAMES: Readonly<Record<string, string>> = { " ": "Space", Escape: "Escape", Esc: "Escape" };
const BY_CODE: Readonly<Record<string, string>> = { Comma: ",", Period: ".", Slash: "/" };

/**
 * A press as text: modifiers in the order Ctrl, Alt, Shift, then the key: "Ctrl+Shift+Z", "Space", "?".
 *
 * Letters and digits are upper case and keep their Shift; a sign that needs Shift to be typed ("?")
 * does not name it. Where a layout has no Latin letters the key's place counts.
 */
export const chordOf = (press: KeyPress): string => {
  const { name, isSign } = keyName(press);
  if (name === "[" || name === "]") return name;
  const modifiers = [
    press.ctrlKey || press.metaKey ? "Ctrl+" : "",
    press.altKey ? "Alt+" : "",
    press.shiftKey && !isSign ? "Shift+" : "",
  ];
  return modifiers.join("") + name;
};

const keyName = ({ key, code, altKey }: KeyPress): { name: string; isSign: boolean } => {
  const named = NAMES[key];
  if (named) return { name: named, isSign: false };
  if (/^[a-z]$/i.test(key)) return { name: key.toUpperCase(), isSign: false };
  if (key === "[" || key === "]") return { name: key, isSign: true }; // with AltGr on many layouts
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1];
  if (digit && key.length === 1) return { name: digit, isSign: false };
  if (/^Key[A-Z]$/.test(code) && (altKey || !/^[\x20-\x7e]$/.test(key))) {
    return { name: code.slice(3), isSign: false };
  }
  const place = BY_CODE[code];
  if (place && (key === "<" || key === ">")) return { name: place, isSign: false };
  return { name: key, isSign: key.length === 1 };
};

/** Whether a press is meant for a field into which the user types. */
export const isTyping = (target: EventTarget | null): boolean => {
  if (typeof HTMLElement === "undefined" || !(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  ) {
    return true;
  }
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type)
  );
};
