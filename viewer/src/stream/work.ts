/** What the page asks of its data workers, and what they answer. */

import type { DataPlace, SmallWidth } from "../protocol/client";
import type { Failure } from "../protocol/errors";
import type { Block } from "../state/model";
import type { Coding, FramePoints } from "./decode";
import type { FieldValues } from "./fields";

/** Something to fetch and decode. */
export type Work =
  | {
      readonly kind: "points";
      readonly place: DataPlace;
      readonly coding: Coding;
      readonly blocks: readonly Block[];
    }
  | {
      readonly kind: "field";
      readonly place: DataPlace;
      readonly field: string;
      readonly type: string;
      readonly blocks: readonly Block[];
    }
  | { readonly kind: "image"; readonly place: DataPlace; readonly frame: number }
  | {
      readonly kind: "small";
      readonly place: DataPlace;
      readonly frame: number;
      readonly width_px: SmallWidth;
    }
  | {
      readonly kind: "packets";
      readonly place: DataPlace;
      readonly first: number;
      readonly count: number;
    };

export interface Results {
  readonly points: FramePoints;
  readonly field: FieldValues;
  readonly image: ImageBitmap;
  readonly small: ImageBitmap;
  readonly packets: ArrayBuffer;
}

/** What it cost: bytes that came over the network (undone from HTTP's coding), and time to decode them. */
export interface Cost {
  readonly bytes: number;
  readonly decode_ms: number;
}

export type Asked =
  | { readonly id: number; readonly work: Work }
  /** The answer is no longer wanted: the fetch is aborted, and nothing is answered. */
  | { readonly id: number; readonly work: null };

export type Answered =
  | { readonly id: number; readonly value: Results[keyof Results]; readonly cost: Cost }
  | { readonly id: number; readonly failure: Failure }
  | { readonly id: number; readonly error: string };

/** The end of a wire to the other side: a worker, or a `MessagePort`. */
export interface Wire<Out, In> {
  postMessage(message: Out, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<In>) => void): void;
}
