/** The points around a cuboid in its own axes: one buffer, filled when the frame or the place changes. */

import { rotationMatrix } from "../../space/pose";
import type { Pose, Vec3 } from "../../state/model";
import type { Sweep } from "../context";

const MOST = 1 << 16;

export class Nearby {
  /** (count, 3): the cuboid's axes, from its centre, metres. */
  readonly xyz = new Float32Array(MOST * 3);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** Adds the points of a sweep within `reach_m` of the centre along each axis. */
  add(sweep: Sweep, cuboid_from_sensor: Pose, reach_m: Vec3): void {
    const r = rotationMatrix(cuboid_from_sensor.rotation_wxyz);
    const [tx, ty, tz] = cuboid_from_sensor.translation_m;
    const [rx, ry, rz] = reach_m;
    for (let n = 0; n < sweep.count * 3 && this.count < MOST; n += 3) {
      const [sx, sy, sz] = [sweep.xyz[n]!, sweep.xyz[n + 1]!, sweep.xyz[n + 2]!];
      const x = r[0]! * sx + r[1]! * sy + r[2]! * sz + tx;
      if (x > rx || x < -rx) continue;
      const y = r[3]! * sx + r[4]! * sy + r[5]! * sz + ty;
      if (y > ry || y < -ry) continue;
      const z = r[6]! * sx + r[7]! * sy + r[8]! * sz + tz;
      if (z > rz || z < -rz) continue;
      const at = this.count++ * 3;
      this.xyz[at] = x;
      this.xyz[at + 1] = y;
      this.xyz[at + 2] = z;
    }
  }
}
