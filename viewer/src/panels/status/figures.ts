/** The figures of the status panel as text. */

import type { LoaderStatus } from "../../stream/loader";
import type { KindStatus } from "../../stream/status";

export interface Row {
  readonly name: string;
  /** Held of budget, hit rate, loading and waiting, given up, time to decode, fetched. */
  readonly cells: readonly string[];
}

const MIB = 2 ** 20;
export const NONE = "–";

export const megabytes = (bytes: number): string => {
  const value = bytes / MIB;
  return value < 10 && value > 0 ? value.toFixed(1) : String(Math.round(value));
};

export const milliseconds = (value: number | null): string =>
  value === null
    ? NONE
    : value < 10
      ? value.toFixed(2)
      : value < 100
        ? value.toFixed(1)
        : String(Math.round(value));

const hitRate = ({ hits, misses }: LoaderStatus): string =>
  hits + misses === 0 ? NONE : `${Math.round((100 * hits) / (hits + misses))} %`;

/** A row of the table; `held` is null for what is not kept. */
export const rowOf = (name: string, held: LoaderStatus | null, work: KindStatus): Row => ({
  name,
  cells: [
    held === null ? NONE : `${megabytes(held.bytes)} of ${megabytes(held.budget_bytes)}`,
    held === null ? NONE : hitRate(held),
    held === null ? NONE : `${held.loading} + ${held.waiting}`,
    held === null ? NONE : String(held.aborted),
    work.fetched_count === 0 ? NONE : milliseconds(work.decode_ms),
    megabytes(work.fetched_bytes),
  ],
});
