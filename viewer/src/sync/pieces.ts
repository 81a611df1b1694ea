/** The labels of a scene in pieces, each small enough to be taken in without a stop: pages of one revision. */

import type { Client } from "../protocol/client";
import type { WireEntry } from "../protocol/wire";
import { type KeyframeColumns, packKeyframes } from "./columns";

export interface LabelPiece {
  readonly revision: number;
  readonly columns: KeyframeColumns;
  readonly entries: readonly WireEntry[];
}

/** Where labels come from: in the page itself, or by way of a worker (`readInWorker`). */
export type ReadLabels = (scene: string, signal: AbortSignal) => AsyncIterable<LabelPiece>;

const PAGE = 10_000; // entries that are asked for at a time
const MOST = 1000; // entries of a piece beside the keyframes: a message is read in one go

/** Asks for the next page before this one is looked at. */
export async function* readPieces(
  client: Pick<Client, "labels">,
  scene: string,
  signal: AbortSignal,
): AsyncGenerator<LabelPiece> {
  let page = await client.labels(scene, signal, { limit: PAGE });
  for (;;) {
    const { revision, next } = page;
    const more =
      next == null ? null : client.labels(scene, signal, { limit: PAGE, after: next, at: revision });
    more?.catch(() => undefined); // it is told of below, if anybody still reads
    const { columns, rest } = packKeyframes(page.entries);
    yield { revision, columns, entries: rest.slice(0, MOST) };
    for (let from = MOST; from < rest.length; from += MOST) {
      yield { revision, columns: NONE, entries: rest.slice(from, from + MOST) };
    }
    if (!more) return;
    page = await more;
  }
}

const NONE = packKeyframes([]).columns;
