/** The eye of the cloud as three.js cameras: from the stage to pixels, and from pixels to rays. */

import { Matrix4, OrthographicCamera, PerspectiveCamera, Vector3, Vector4 } from "three";
import { UP } from "../../space/axes";
import type { CloudView, Vec3 } from "../../state/model";
import type { Surroundings } from "./levels";
import { above, eyeOf, LIMITS, type Limits, mapped, type Orbit, opening, overlooking } from "./orbit";

const FIELD_DEG = 46;
const NEAR_M = 0.2;
const FAR_M = 1500;
const ABOVE_M = 400;
const STREET_M = 60;

export interface Ray {
  readonly origin: Vec3;
  readonly direction: Vec3; // a unit vector
}

/** Where a point of the stage is on the view: CSS pixels and how far away, metres; `ok` is in front. */
export interface Spot {
  x: number;
  y: number;
  away_m: number;
  ok: boolean;
}

const beginning = (ground_m: number, outside: Surroundings | null): Record<CloudView, Orbit> => {
  if (outside === null)
    return { perspective: opening(ground_m), birds_eye: above(ground_m), follow: opening(ground_m) };
  const { center, radius_m } = sphereOf(outside);
  const first = overlooking(center, radius_m);
  return { perspective: first, birds_eye: mapped(center, radius_m), follow: first };
};

function sphereOf({ low, high }: Surroundings): { center: Vec3; radius_m: number } {
  const middle = (axis: 0 | 1 | 2) => (low[axis] + high[axis]) / 2;
  const radius_m = Math.hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]) / 2;
  return { center: [middle(0), middle(1), middle(2)], radius_m: Math.max(radius_m, 0.05) };
}

export class Eye {
  width = 1;
  height = 1;
  view: CloudView = "perspective";
  /** About how large is what there is to see. */
  radius_m = STREET_M;
  limits: Limits = LIMITS;
  near_m = NEAR_M;
  private orbits: Record<CloudView, Orbit>;
  private readonly perspective = new PerspectiveCamera(FIELD_DEG, 1, NEAR_M, FAR_M);
  private readonly orthographic = new OrthographicCamera(-1, 1, 1, -1, 1, ABOVE_M * 2);
  private readonly clip_from_stage = new Matrix4();
  private readonly stage_from_clip = new Matrix4();
  private readonly scratch = new Vector4();
  private readonly from = new Vector3();
  private readonly to = new Vector3();

  constructor(ground_m: number) {
    this.orbits = beginning(ground_m, null);
    this.perspective.up.set(...UP);
    this.update();
  }

  /** Seen from straight above, without perspective. */
  get flat(): boolean {
    return this.view === "birds_eye";
  }

  /** Each view has its own: coming back to one finds it as it was left. */
  get orbit(): Orbit {
    return this.orbits[this.view];
  }

  set orbit(orbit: Orbit) {
    this.orbits = { ...this.orbits, [this.view]: orbit };
    this.update();
  }

  /** All views as they are when a scene opens; `outside` is what to look at where no ego stands in it. */
  restart(ground_m: number, outside: Surroundings | null): void {
    this.orbits = beginning(ground_m, outside);
    this.radius_m = outside === null ? STREET_M : sphereOf(outside).radius_m;
    this.limits = outside === null ? LIMITS : [Math.min(this.radius_m * 0.01, LIMITS[0]), this.radius_m * 8];
    this.update();
  }

  /** How far above what is shown the eye of bird's-eye view is. */
  private get above_m(): number {
    return Math.max(ABOVE_M, this.radius_m * 4);
  }

  /** No nearer than this does the eye come to an object that it is to show. */
  get nearest_m(): number {
    return Math.min(8, this.radius_m * 0.5);
  }

  get camera(): PerspectiveCamera | OrthographicCamera {
    return this.flat ? this.orthographic : this.perspective;
  }

  /** Metres a CSS pixel spans at the target. */
  get metersPerPixel(): number {
    const tall = this.flat
      ? this.orbit.distance_m
      : 2 * this.orbit.distance_m * Math.tan((FIELD_DEG * Math.PI) / 360);
    return tall / this.height;
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.update();
  }

  update(): void {
    const { target, azimuth_rad, distance_m } = this.orbit;
    const camera = this.camera;
    if (camera instanceof OrthographicCamera) {
      const [tall, wide] = [distance_m / 2, (distance_m / 2) * (this.width / this.height)];
      camera.top = tall;
      camera.bottom = -tall;
      camera.right = wide;
      camera.left = -wide;
      camera.up.set(Math.cos(azimuth_rad), Math.sin(azimuth_rad), 0);
      camera.position.set(target[0], target[1], target[2] + this.above_m);
      camera.far = this.above_m * 2;
    } else {
      this.near_m = Math.min(NEAR_M, distance_m * 0.02);
      camera.near = this.near_m;
      camera.far = Math.max(FAR_M, distance_m * 6, this.radius_m * 3);
      camera.aspect = this.width / this.height;
      camera.position.set(...eyeOf(this.orbit));
    }
    camera.lookAt(...target);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
    this.clip_from_stage.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    this.stage_from_clip.copy(this.clip_from_stage).invert();
  }

  /** Rows of the matrix that `project` applies, column by column as three.js keeps it. */
  get clip(): readonly number[] {
    return this.clip_from_stage.elements;
  }

  project(x: number, y: number, z: number, out: Spot): Spot {
    const p = this.scratch.set(x, y, z, 1).applyMatrix4(this.clip_from_stage);
    out.ok = p.w > this.near_m || this.flat;
    out.x = ((p.x / p.w + 1) / 2) * this.width;
    out.y = ((1 - p.y / p.w) / 2) * this.height;
    out.away_m = this.flat ? this.above_m - z : p.w;
    return out;
  }

  ray(x: number, y: number): Ray {
    const [u, v] = [(x / this.width) * 2 - 1, 1 - (y / this.height) * 2];
    const from = this.from.set(u, v, -1).applyMatrix4(this.stage_from_clip);
    const to = this.to.set(u, v, 0.5).applyMatrix4(this.stage_from_clip);
    const origin: Vec3 = [from.x, from.y, from.z];
    to.sub(from).normalize();
    return { origin, direction: [to.x, to.y, to.z] };
  }

  /** Where the ray through a pixel meets the level at a height; null above the horizon or too far. */
  levelAt(x: number, y: number, height_m: number, farthest_m = this.radius_m * 5): Vec3 | null {
    const { origin, direction } = this.ray(x, y);
    const along = (height_m - origin[2]) / direction[2];
    if (!(along > 0) || (!this.flat && along > farthest_m)) return null;
    return [origin[0] + direction[0] * along, origin[1] + direction[1] * along, height_m];
  }
}
