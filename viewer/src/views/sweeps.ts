/** The sweeps of the frame shown: the old ones stay until all of the new ones are at hand. */

import { sensorFrame, UNKNOWN_FRAME } from "../space/clock";
import type { Scene } from "../state/model";
import type { DataStream, Sweep } from "./context";

export interface Shown {
  readonly frame: number;
  /** One a lidar of the scene, in its order; null where it has none. */
  readonly sweeps: readonly (Sweep | null)[];
  readonly error: string | null;
}

export class FrameSweeps {
  private wanted = -1;

  constructor(
    private readonly stream: DataStream,
    private readonly ready: (shown: Shown) => void,
  ) {}

  /** Calls `ready` at once when the sweeps are at hand, else when they are and still wanted. */
  want(scene: Scene, frame: number): void {
    this.wanted = frame;
    const frames = scene.lidars.map((lidar) => sensorFrame(lidar, frame));
    if (frames.includes(UNKNOWN_FRAME)) return; // the scene is renewed when their page is at hand
    const held = scene.lidars.map((lidar, n) => this.stream.peek(lidar.name, frames[n]!));
    if (held.every((sweep) => sweep !== null)) {
      this.ready({ frame, sweeps: held, error: null });
      return;
    }
    void Promise.allSettled(scene.lidars.map((lidar, n) => this.stream.points(lidar.name, frames[n]!))).then(
      (results) => {
        if (this.wanted !== frame) return;
        const failed = results.find((result) => result.status === "rejected");
        if (failed !== undefined && isAbort(failed.reason)) return;
        this.ready({
          frame,
          sweeps: results.map((result) => (result.status === "fulfilled" ? result.value : null)),
          error: failed === undefined ? null : "points of this frame could not be read",
        });
      },
    );
  }

  forget(): void {
    this.wanted = -1;
  }
}

const isAbort = (reason: unknown) => reason instanceof DOMException && reason.name === "AbortError";
