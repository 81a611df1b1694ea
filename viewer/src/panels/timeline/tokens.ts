/** Colours of tokens.css for the canvas, read once. */

export interface Tokens {
  readonly ground: string;
  readonly panel: string;
  readonly hover: string;
  readonly line: string;
  readonly line_strong: string;
  readonly grid: string;
  readonly text: string;
  readonly text_2: string;
  readonly text_3: string;
  readonly select: string;
  readonly select_soft: string;
  readonly select_line: string;
  readonly need: string;
  readonly error: string;
  readonly font: string;
}

let known: Tokens | null = null;

export function tokens(): Tokens {
  if (known) return known;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  known = {
    ground: read("--ground"),
    panel: read("--panel"),
    hover: read("--hover"),
    line: read("--line"),
    line_strong: read("--line-strong"),
    grid: read("--grid"),
    text: read("--text"),
    text_2: read("--text-2"),
    text_3: read("--text-3"),
    select: read("--select"),
    select_soft: read("--select-soft"),
    select_line: read("--select-line"),
    need: read("--need"),
    error: read("--error"),
    font: read("--font"),
  };
  return known;
}
