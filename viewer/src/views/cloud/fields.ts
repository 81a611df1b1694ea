/** Points coloured by a field of the lidar: loaded when it is chosen, frame by frame. */

import { sensorFrame } from "../../space/clock";
import type { ColorMode, Scene } from "../../state/model";
import { fieldOf } from "../../stream/fields";
import type { DataStream, SweepField } from "../context";
import type { Shown } from "../sweeps";
import type { SweepPoints } from "./points";

export class FieldColors {
  private key = "";
  /** Ends of the ramp, in the field's own numbers; null while none is shown, or colours are. */
  ends: readonly [number, number] | null = null;

  constructor(
    private readonly stream: DataStream,
    private readonly changed: () => void,
  ) {}

  /** Colours the sweeps shown; what is not at hand follows by itself. */
  want(mode: ColorMode, scene: Scene, shown: Shown, sweeps: readonly SweepPoints[]): void {
    const field = fieldOf(mode);
    const key = field === null ? "" : `${scene.name}/${shown.frame}/${field}`;
    if (key === this.key) return;
    this.key = key;
    this.ends = null;
    if (field === null) return;
    for (const [n, sweep] of sweeps.entries()) {
      const lidar = scene.lidars[n]!;
      const of = sweep.sweep;
      sweep.color(null);
      if (of === null || !lidar.fields.some((each) => each.name === field)) continue;
      const own = sensorFrame(lidar, shown.frame);
      const held = this.stream.peekField(lidar.name, own, field);
      if (held !== null) {
        this.color(sweep, held);
        continue;
      }
      this.stream.field(lidar.name, own, field).then(
        (values) => {
          if (this.key === key && sweep.sweep === of) this.color(sweep, values);
        },
        () => undefined, // left behind, or the stream's status says what failed
      );
    }
  }

  private color(sweep: SweepPoints, values: SweepField): void {
    sweep.color(values);
    const [low, high] = values.range.map((value) => value + values.base) as [number, number];
    if (values.components === 1)
      this.ends =
        this.ends === null ? [low, high] : [Math.min(this.ends[0], low), Math.max(this.ends[1], high)];
    this.changed();
  }
}
