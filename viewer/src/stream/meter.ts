/** Times of the last few things of a kind that were done. */

const KEPT = 64;

export interface Meter {
  note(value: number): void;
  /** The middle one of the last; null before the first. */
  median(): number | null;
  /** The largest of the last; null before the first. */
  worst(): number | null;
  /** How many there were. */
  readonly count: number;
  readonly total: number;
}

export const createMeter = (kept = KEPT): Meter => {
  const values: number[] = [];
  let [count, total] = [0, 0];
  return {
    note(value) {
      values[count % kept] = value;
      count += 1;
      total += value;
    },
    median() {
      const sorted = [...values].sort((a, b) => a - b);
      return sorted[sorted.length >> 1] ?? null;
    },
    worst: () => (values.length === 0 ? null : Math.max(...values)),
    get count() {
      return count;
    },
    get total() {
      return total;
    },
  };
};

/** What the views spend on the page's own thread. */
export const viewMeters = {
  /** Milliseconds from a new frame's points being at hand to their being in the buffers of the graphics card. */
  buffers: createMeter(),
  /** Milliseconds of drawing the cloud. */
  draw: createMeter(),
  /** Draw calls of the cloud. */
  calls: createMeter(1),
} as const;
