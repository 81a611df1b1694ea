/** Real roots of polynomials, lowest power first. */

const TOUCH = 1e-14;

/** Smallest root above 0; infinite when there is none. */
export const firstPositiveRoot = (series: readonly number[]): number =>
  positiveRoots(series)[0] ?? Number.POSITIVE_INFINITY;

/** All roots above 0, rising: between neighbouring turning points there is at most one. */
export const positiveRoots = (series: readonly number[]): number[] => {
  let degree = series.length - 1;
  while (degree > 0 && series[degree] === 0) degree -= 1;
  if (degree < 1) return [];
  const own = series.slice(0, degree + 1);
  const lead = Math.abs(own[degree]!);
  const bound = 1 + Math.max(...own.slice(0, degree).map((value) => Math.abs(value) / lead)); // Cauchy
  const turns = positiveRoots(derivative(own)).filter((turn) => turn < bound);
  const stops = [0, ...turns, bound];
  const roots: number[] = [];
  for (let n = 0; n + 1 < stops.length; n++) {
    const root = bisect(own, stops[n]!, stops[n + 1]!);
    if (root !== null && root > 0 && root !== roots.at(-1)) roots.push(root);
  }
  return roots;
};

export const evaluate = (series: readonly number[], at: number): number =>
  series.reduceRight((sum, value) => sum * at + value, 0);

export const derivative = (series: readonly number[]): number[] =>
  series.slice(1).map((value, n) => value * (n + 1));

export const product = (a: readonly number[], b: readonly number[]): number[] => {
  const out = new Array<number>(Math.max(a.length + b.length - 1, 0)).fill(0);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      out[i + j]! += x * y;
    });
  });
  return out;
};

export const sum = (a: readonly number[], b: readonly number[], factor = 1): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, n) => (a[n] ?? 0) + factor * (b[n] ?? 0));

/** The series times its variable. */
export const shifted = (series: readonly number[]): number[] => [0, ...series];

const bisect = (series: readonly number[], low: number, high: number): number | null => {
  let [a, b] = [low, high];
  const [start, end] = [settled(series, a), settled(series, b)];
  if (end === 0) return b;
  if (start === 0 || start < 0 === end < 0) return null;
  for (let step = 0; step < 200 && b - a > Number.EPSILON * b; step++) {
    const middle = (a + b) / 2;
    if (middle === a || middle === b) break;
    if (evaluate(series, middle) < 0 === start < 0) a = middle;
    else b = middle;
  }
  return (a + b) / 2;
};

/** The value at a place; 0 where only rounding is left, as at a turning point that touches the axis. */
const settled = (series: readonly number[], at: number): number => {
  const value = evaluate(series, at);
  const size = evaluate(series.map(Math.abs), at);
  return Math.abs(value) <= TOUCH * size ? 0 : value;
};
