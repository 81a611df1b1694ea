/** Riding along: what is followed stays at its place in the view. */

import { yawOf } from "../../space/pose";
import type { Vec3 } from "../../state/model";
import type { Staged } from "./boxes";
import type { Eye } from "./eye";
import { carried, fitted } from "./orbit";

export class Ride {
  private before: { readonly id: string | null; readonly center: Vec3; readonly yaw_rad: number } | null =
    null;

  /** Follows an object, or the ego where there is none. */
  on(eye: Eye, chosen: Staged | undefined, ground_m: number): void {
    const now = {
      id: chosen?.present.id ?? null,
      center: chosen?.cuboid.pose.translation_m ?? ([0, 0, ground_m] as const),
      yaw_rad: chosen ? yawOf(chosen.cuboid.pose) : 0,
    };
    const { before } = this;
    if (before?.id === now.id) {
      eye.orbit = carried(eye.orbit, before.center, now.center, now.yaw_rad - before.yaw_rad);
    } else if (chosen !== undefined) {
      const radius = Math.hypot(...chosen.cuboid.size_m) / 2;
      eye.orbit = { ...fitted(eye.orbit, now.center, radius, false), azimuth_rad: now.yaw_rad };
    }
    this.before = now;
  }

  end(): void {
    this.before = null;
  }
}
