/** What the stream holds, waits for and pays. */

import type { LoaderStatus } from "./loader";
import { createMeter, type Meter } from "./meter";
import type { Cost, Work } from "./work";

export type Kind = Work["kind"];

export interface KindStatus {
  /** Of the last few: milliseconds to decode one in a worker. */
  readonly decode_ms: number | null;
  readonly worst_decode_ms: number | null;
  readonly fetched_count: number;
  readonly fetched_bytes: number;
}

export interface StreamStatus {
  readonly points: LoaderStatus;
  readonly images: LoaderStatus;
  readonly fields: LoaderStatus;
  readonly work: Readonly<Record<Kind, KindStatus>>;
}

export interface Ledger {
  paid(kind: Kind, cost: Cost): void;
  status(): StreamStatus["work"];
}

const KINDS: readonly Kind[] = ["points", "field", "image", "small", "packets"];

/** Adds up what work cost. */
export const createLedger = (): Ledger => {
  const pages = Object.fromEntries(
    KINDS.map((kind) => [kind, { decode: createMeter(), bytes: createMeter() }]),
  ) as Record<Kind, { decode: Meter; bytes: Meter }>;
  const statusOf = ({ decode, bytes }: { decode: Meter; bytes: Meter }): KindStatus => ({
    decode_ms: decode.median(),
    worst_decode_ms: decode.worst(),
    fetched_count: bytes.count,
    fetched_bytes: bytes.total,
  });
  return {
    paid(kind, cost) {
      pages[kind].decode.note(cost.decode_ms);
      pages[kind].bytes.note(cost.bytes);
    },
    status: () => ({
      points: statusOf(pages.points),
      field: statusOf(pages.field),
      image: statusOf(pages.image),
      small: statusOf(pages.small),
      packets: statusOf(pages.packets),
    }),
  };
};
