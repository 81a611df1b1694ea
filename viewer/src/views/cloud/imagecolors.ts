/** Points coloured by the camera images of their frame: loaded when that is chosen. */

import { sensorFrame } from "../../space/clock";
import type { ColorMode, Scene } from "../../state/model";
import type { DataStream } from "../context";
import type { Shown } from "../sweeps";
import type { SweepPoints } from "./points";
import { picturesAt, tint } from "./tint";

export class ImageColors {
  private key = "";

  constructor(
    private readonly stream: DataStream,
    private readonly changed: () => void,
  ) {}

  /** Colours the sweeps shown once the images are at hand; `isShown` tells whether they still are. */
  want(
    mode: ColorMode,
    scene: Scene,
    shown: Shown,
    sweeps: readonly SweepPoints[],
    isShown: () => boolean,
  ): void {
    const key = mode === "image" ? `${scene.name}/${shown.frame}` : "";
    if (key === this.key) return;
    this.key = key; // a field's colours may take the place of the image's
    if (key === "") return;
    void picturesAt(scene, shown.frame, this.stream).then((pictures) => {
      if (this.key !== key || !isShown()) return;
      sweeps.forEach((sweep, n) => {
        const lidar = scene.lidars[n]!;
        if (sweep.sweep === null) return;
        tint(pictures, sweep.sweep, lidar, sensorFrame(lidar, shown.frame), sweep.tint);
        sweep.tinted();
      });
      this.changed();
    });
  }
}
