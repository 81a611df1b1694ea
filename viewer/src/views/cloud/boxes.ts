/** Cuboids on the stage: edges, the heading as an arrow on the ground, the selected front face, rings. */

import {
  BufferAttribute,
  BufferGeometry,
  DoubleSide,
  Group,
  Mesh,
  MeshBasicMaterial,
  SRGBColorSpace,
} from "three";
import { corners, cuboidToWorld, EDGES, FRONT } from "../../space/cuboid";
import type { Cuboid, Vec3 } from "../../state/model";
import type { Present } from "../present";
import { arrowLength } from "./grip";
import { FatLines, type Rgb } from "./lines";

/** An object with its cuboid on the stage. */
export interface Staged {
  readonly present: Present;
  readonly cuboid: Cuboid;
  readonly corners: readonly Vec3[];
}

export const staged = (present: Present, cuboid: Cuboid): Staged => ({
  present,
  cuboid,
  corners: corners(cuboid),
});

const MOST_SEGMENTS = 12000;
const RING_PIECES = 96;
const RINGS_M = [10, 20, 30, 40, 50, 60, 70, 80] as const;
const HIDDEN = 0.38;
const HIDDEN_SELECTED = 0.55;

export class Boxes {
  readonly group = new Group();
  private readonly lines = new FatLines(MOST_SEGMENTS);
  private readonly rings = new FatLines(RING_PIECES * RINGS_M.length);
  private readonly face: Mesh<BufferGeometry, MeshBasicMaterial>;

  constructor(private readonly colors: { readonly select: Rgb; readonly ring: Rgb }) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(new Float32Array(12), 3));
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    const material = new MeshBasicMaterial({
      transparent: true,
      opacity: 0.16,
      side: DoubleSide,
      depthWrite: false,
    });
    material.color.setRGB(...colors.select, SRGBColorSpace);
    this.face = new Mesh(geometry, material);
    this.face.frustumCulled = false;
    this.face.renderOrder = 2;
    this.rings.visible.renderOrder = 1;
    this.group.add(this.rings.visible, this.face, this.lines.hidden, this.lines.visible);
  }

  ring(ground_m: number): void {
    this.rings.begin();
    for (const radius of RINGS_M)
      for (let n = 0; n < RING_PIECES; n++) {
        const [a, b] = [(n / RING_PIECES) * 2 * Math.PI, ((n + 1) / RING_PIECES) * 2 * Math.PI];
        const [ax, ay, bx, by] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
        this.rings.add(
          ax * radius,
          ay * radius,
          ground_m,
          bx * radius,
          by * radius,
          ground_m,
          this.colors.ring,
          0.2,
          1,
          1,
        );
      }
    this.rings.finish();
  }

  /** Draws the objects; `sketch` is a cuboid that is being made. */
  write(
    items: readonly Staged[],
    selected: string | null,
    hovered: string | null,
    sketch: Cuboid | null,
  ): void {
    this.lines.begin();
    this.face.visible = false;
    for (const item of items) {
      if (item.present.id === selected) continue;
      const width = item.present.id === hovered ? 2 : item.present.machine ? 1 : 1.3;
      this.edges(item.corners, item.present.rgb, width, HIDDEN);
      this.arrow(item.cuboid, item.present.rgb, width, HIDDEN);
    }
    const chosen = items.find((item) => item.present.id === selected);
    if (chosen !== undefined) {
      const width = chosen.present.machine ? 1 : 2.2;
      this.edges(chosen.corners, this.colors.select, width, HIDDEN_SELECTED);
      this.arrow(chosen.cuboid, this.colors.select, width, HIDDEN_SELECTED);
      this.fill(chosen.corners);
    }
    if (sketch !== null) {
      this.edges(corners(sketch), this.colors.select, 1.6, HIDDEN_SELECTED);
      this.arrow(sketch, this.colors.select, 1.6, HIDDEN_SELECTED);
    }
    this.lines.finish();
  }

  private edges(at: readonly Vec3[], color: Rgb, width_px: number, hidden: number): void {
    for (const [a, b] of EDGES) this.segment(at[a]!, at[b]!, color, width_px, hidden);
  }

  private arrow(cuboid: Cuboid, color: Rgb, width_px: number, hidden: number): void {
    const [l, w, h] = [cuboid.size_m[0] / 2, cuboid.size_m[1] / 2, cuboid.size_m[2] / 2];
    const reach = arrowLength(l * 2);
    const barb = Math.min(0.32, w * 0.5);
    const tip = cuboidToWorld(cuboid, [l + reach, 0, -h]);
    this.segment(cuboidToWorld(cuboid, [l, 0, -h]), tip, color, width_px, hidden);
    for (const side of [-1, 1])
      this.segment(
        cuboidToWorld(cuboid, [l + reach - barb * 1.3, barb * side, -h]),
        tip,
        color,
        width_px,
        hidden,
      );
  }

  private segment(a: Vec3, b: Vec3, color: Rgb, width_px: number, hidden: number): void {
    this.lines.add(a[0], a[1], a[2], b[0], b[1], b[2], color, 1, width_px, hidden);
  }

  private fill(at: readonly Vec3[]): void {
    const position = this.face.geometry.getAttribute("position");
    FRONT.forEach((corner, n) => {
      position.setXYZ(n, ...at[corner]!);
    });
    position.needsUpdate = true;
    this.face.visible = true;
  }

  resize(width: number, height: number, near_m: number): void {
    this.lines.resize(width, height, near_m);
    this.rings.resize(width, height, near_m);
  }

  dispose(): void {
    this.lines.dispose();
    this.rings.dispose();
    this.face.geometry.dispose();
    this.face.material.dispose();
  }
}
