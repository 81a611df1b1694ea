/** What every view is given: the state, what the user can do, and where the data comes from. */

import type { Editor } from "../editor/contract";
import type { StateStore } from "../state/store";
import type { Trees } from "../stream/octree";

/** One sweep: `xyz` is (count, 3) in the sensor's frame, metres; `intensity` is in steps of its own, `common` where most are. */
export interface Sweep {
  readonly count: number;
  readonly xyz: Float32Array;
  readonly intensity: Int16Array;
  readonly common: readonly [number, number];
}

/** A field of a sweep's points: single values, which mostly lie in `range`, or colours of four bytes. */
export interface SweepField {
  readonly count: number;
  readonly components: 1 | 4;
  readonly values: Float32Array | Uint8Array;
  readonly range: readonly [number, number];
  /** What the values are counted from. */
  readonly base: number;
}

export interface DataStream {
  points(lidar: string, frame: number): Promise<Sweep>;
  /** The sweep if it is at hand. */
  peek(lidar: string, frame: number): Sweep | null;
  field(lidar: string, frame: number, field: string): Promise<SweepField>;
  peekField(lidar: string, frame: number, field: string): SweepField | null;
  image(camera: string, frame: number): Promise<ImageBitmap>;
  peekImage(camera: string, frame: number): ImageBitmap | null;
  /** A small picture of it, for a strip. */
  small(camera: string, frame: number): Promise<ImageBitmap>;
  peekSmall(camera: string, frame: number): ImageBitmap | null;
  readonly trees: Trees;
}

export interface ViewContext {
  readonly store: StateStore;
  readonly editor: Editor;
  readonly stream: DataStream;
}

export interface View {
  dispose(): void;
}
