/** What every view is given: the state, what the user can do, and where the data comes from. */

import type { Editor } from "../editor/contract";
import type { StateStore } from "../state/store";

/** One sweep: `xyz` is (count, 3) in the sensor's frame, metres; `intensity` is 0 to 1. */
export interface Sweep {
  readonly count: number;
  readonly xyz: Float32Array;
  readonly intensity: Float32Array;
}

export interface DataStream {
  points(lidar: string, frame: number): Promise<Sweep>;
  /** The sweep if it is at hand. */
  peek(lidar: string, frame: number): Sweep | null;
  image(camera: string, frame: number): Promise<ImageBitmap>;
  peekImage(camera: string, frame: number): ImageBitmap | null;
}

export interface ViewContext {
  readonly store: StateStore;
  readonly editor: Editor;
  readonly stream: DataStream;
}

export interface View {
  dispose(): void;
}
