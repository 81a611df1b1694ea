/** What points are coloured by that their display copy lacks: fields of sweeps and of octrees, and images. */

import type { ColorMode, State } from "../../state/model";
import { fieldOf } from "../../stream/fields";
import type { DataStream } from "../context";
import { shownMode } from "../modes";
import type { Shown } from "../sweeps";
import { FieldColors } from "./fields";
import { ImageColors } from "./imagecolors";
import type { LodCloud } from "./lodcloud";
import type { CloudPicture } from "./picture";

export class PointColors {
  mode: ColorMode = "height";
  private readonly fields: FieldColors;
  private readonly images: ImageColors;

  constructor(
    stream: DataStream,
    private readonly picture: CloudPicture,
    private readonly lod: LodCloud,
    changed: () => void,
  ) {
    this.fields = new FieldColors(stream, changed);
    this.images = new ImageColors(stream, changed);
  }

  /** Colours what is shown as the settings say; `isShown` tells whether it still is. */
  want(state: State, shown: Shown, isShown: () => boolean): void {
    const { scene } = state;
    if (scene === null) return;
    this.mode = shownMode(state);
    this.picture.look.color(this.mode);
    this.lod.color(fieldOf(this.mode));
    this.images.want(this.mode, scene, shown, this.picture.sweeps, isShown);
    this.fields.want(this.mode, scene, shown, this.picture.sweeps);
  }

  /** Ends of the ramp of the field that colours are of; null where there is none, or they are colours themselves. */
  get ends(): readonly [number, number] | null {
    return this.lod.ends ?? this.fields.ends;
  }
}
