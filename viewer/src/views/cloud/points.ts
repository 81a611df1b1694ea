/** Sweeps as round sprites: buffers made once for the largest sweep, filled when the frame changes. */

import {
  BufferAttribute,
  BufferGeometry,
  DynamicDrawUsage,
  GLSL3,
  Points,
  RawShaderMaterial,
  Vector2,
  Vector3,
  Vector4,
} from "three";
import { writeMatrix } from "../../space/axes";
import { inverse, rotationMatrix } from "../../space/pose";
import type { ColorMode, Cuboid, Pose } from "../../state/model";
import type { Sweep, SweepField } from "../context";
import type { Rgb } from "./lines";
import { COLOR_MODES, MOST_BOXES, POINT_FRAGMENT, POINT_VERTEX } from "./shaders";

type PlainMode = (typeof COLOR_MODES)[number];
type Numbers = Float32Array | Int16Array | Uint8Array;

/** What all sweeps on the stage share. */
export class PointLook {
  readonly uniforms = {
    sizes: { value: new Vector2(1.5, 3.4) },
    reach: { value: 36 },
    flatSize: { value: 0 },
    mode: { value: 2 },
    clip: { value: new Vector2(-1e6, 1e6) },
    heights: { value: new Vector2(-1.9, 2.5) },
    farthest: { value: 70 },
    ramp: { value: [0, 1, 2, 3, 4].map(() => new Vector3()) },
    boxCount: { value: 0 },
    boxes: { value: Array.from({ length: MOST_BOXES * 3 }, () => new Vector4()) },
    boxColors: { value: Array.from({ length: MOST_BOXES }, () => new Vector4()) },
  };

  constructor(ramp: readonly Rgb[]) {
    ramp.forEach((color, n) => {
      this.uniforms.ramp.value[n]?.set(...color);
    });
  }

  color(mode: ColorMode): void {
    this.uniforms.mode.value = COLOR_MODES.indexOf(mode.startsWith("field:") ? "field" : (mode as PlainMode));
  }

  /** A map is seen from far and from near, and its points lie as far apart everywhere: near ones are larger. */
  size(factor: number, ratio: number, flat: boolean, is_map: boolean): void {
    this.uniforms.sizes.value.set(1.5 * factor * ratio, (is_map ? 6 : 3.4) * factor * ratio);
    this.uniforms.reach.value = (is_map ? 130 : 36) * factor * ratio;
    this.uniforms.flatSize.value = flat ? 1.6 * factor * ratio : 0;
  }

  /** Lowest and highest z of the stage that are shown. */
  get levels(): readonly [number, number] {
    const { x, y } = this.uniforms.clip.value;
    return [x, y];
  }

  beginBoxes(): void {
    this.uniforms.boxCount.value = 0;
  }

  /** Colours the points in a cuboid of the stage. */
  addBox(cuboid: Cuboid, color: Rgb, strength: number): void {
    const n = this.uniforms.boxCount.value;
    if (n >= MOST_BOXES) return;
    const own = inverse(cuboid.pose);
    const r = rotationMatrix(own.rotation_wxyz);
    for (const axis of [0, 1, 2] as const) {
      const half = cuboid.size_m[axis] / 2 + 0.02;
      const row = this.uniforms.boxes.value[n * 3 + axis]!;
      row.set(r[axis * 3]!, r[axis * 3 + 1]!, r[axis * 3 + 2]!, own.translation_m[axis]).divideScalar(half);
    }
    this.uniforms.boxColors.value[n]!.set(...color, strength);
    this.uniforms.boxCount.value = n + 1;
  }
}

export class SweepPoints {
  readonly points: Points;
  sweep: Sweep | null = null;
  stage_from_sensor: Pose | null = null;
  private geometry = new BufferGeometry();
  private capacity = 0;
  private readonly material: RawShaderMaterial;
  private readonly own = {
    intensities: { value: new Vector2(0, 1) },
    hasIntensity: { value: 0 },
    values: { value: new Vector3(0, 1, 0) },
  };
  private field: SweepField | null = null;

  constructor(look: PointLook, capacity: number, has_intensity: boolean) {
    this.own.hasIntensity.value = has_intensity ? 1 : 0;
    this.material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: POINT_VERTEX,
      fragmentShader: POINT_FRAGMENT,
      uniforms: { ...look.uniforms, ...this.own },
    });
    this.points = new Points(this.geometry, this.material);
    this.points.frustumCulled = false;
    this.points.matrixAutoUpdate = false;
    this.reserve(capacity);
  }

  private reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    this.geometry.dispose();
    this.geometry = new BufferGeometry();
    const attribute = (array: Numbers, size: number, normalized: boolean) =>
      new BufferAttribute(array, size, normalized).setUsage(DynamicDrawUsage);
    this.geometry.setAttribute("position", attribute(new Float32Array(capacity * 3), 3, false));
    this.geometry.setAttribute("intensity", attribute(new Int16Array(capacity), 1, false));
    this.geometry.setAttribute("value", attribute(new Float32Array(capacity), 1, false));
    this.geometry.setAttribute("tint", attribute(new Uint8Array(capacity * 4), 4, true));
    this.points.geometry = this.geometry;
    this.capacity = capacity;
  }

  show(sweep: Sweep | null): void {
    if (sweep === this.sweep) return;
    this.sweep = sweep;
    if (sweep === null) {
      this.geometry.setDrawRange(0, 0);
      return;
    }
    this.reserve(sweep.count);
    this.fill("position", sweep.xyz, sweep.count);
    this.fill("intensity", sweep.intensity, sweep.count);
    this.geometry.setDrawRange(0, sweep.count);
    this.own.intensities.value.set(...sweep.common);
    this.color(null);
  }

  /** Takes a field's values for the sweep shown; null when there are none (yet). */
  color(field: SweepField | null): void {
    if (field === this.field) return;
    this.field = field;
    const fits = field !== null && field.count === this.sweep?.count;
    this.own.values.value.set(
      field?.range[0] ?? 0,
      field?.range[1] ?? 1,
      fits ? (field.components === 4 ? 2 : 1) : 0,
    );
    if (fits) this.fill(field.components === 4 ? "tint" : "value", field.values, field.count);
  }

  /** (count, 4): red, green, blue, 255 where there is a colour. */
  get tint(): Uint8Array {
    return (this.geometry.getAttribute("tint") as BufferAttribute).array as Uint8Array;
  }

  tinted(): void {
    this.upload("tint", this.sweep?.count ?? 0);
  }

  place(stage_from_sensor: Pose): void {
    this.stage_from_sensor = stage_from_sensor;
    writeMatrix(stage_from_sensor, this.points.matrix);
    this.points.matrixWorldNeedsUpdate = true;
  }

  private fill(name: string, source: Numbers, count: number): void {
    const attribute = this.geometry.getAttribute(name) as BufferAttribute;
    const length = count * attribute.itemSize;
    (attribute.array as Numbers).set(source.length === length ? source : source.subarray(0, length));
    this.upload(name, count);
  }

  private upload(name: string, count: number): void {
    const attribute = this.geometry.getAttribute(name) as BufferAttribute;
    attribute.clearUpdateRanges();
    attribute.addUpdateRange(0, count * attribute.itemSize);
    attribute.needsUpdate = true;
  }

  dispose(): void {
    this.geometry.dispose();
    this.material.dispose();
  }
}
