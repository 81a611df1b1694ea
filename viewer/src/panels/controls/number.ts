/** Numbers as people read and type them here: a true minus, thin spaces between thousands. */

const MINUS = "\u2212";
const THIN = "\u2009";

/** Fixed digits; what rounds to zero has no sign. */
export function writeNumber(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(digits);
  const negative = value < 0 && Number(text) !== 0;
  const [whole = "", part] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return (negative ? MINUS : "") + (part === undefined ? grouped : `${grouped}.${part}`);
}

export const writeCount = (value: number): string => writeNumber(value, 0);

/** What was typed, or null: both minus signs, comma or point, spaces anywhere, and a sum such as 4.1+0.2. */
export function parseNumber(text: string): number | null {
  const plain = text
    .replace(/\s/g, "")
    .replace(/\u2212/g, "-")
    .replace(/,/g, ".");
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([-+](\d+\.?\d*|\.\d+))*$/.test(plain)) return null;
  const terms = plain.match(/[-+]?(\d+\.?\d*|\.\d+)/g) ?? [];
  const value = terms.reduce((sum, term) => sum + Number(term), 0);
  return Number.isFinite(value) ? value : null;
}

/** Seconds as 36.400 s, and minutes once there are some. */
export function writeTime(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(3)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(3).padStart(6, "0")} min`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${writeCount(count)} ${count === 1 ? one : many}`;
