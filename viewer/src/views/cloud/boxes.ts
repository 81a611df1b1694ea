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

/** Where the heading's arrow ends: on the ground before the front. */
export const arrowTip = ({ size_m, pose }: Cuboid): Vec3 =>
  cuboidToWorld({ size_m, pose }, [size_m[0] / 2 + arrowLength(size_m[0]), 0, -size_m[2] / 2]);

const MOST_SEGMENTS = 12000;
const RING_PIECES = 96;
const RINGS_M = [10, 20, 30, 40, 50, 60, 70, 80] as const;
const DASH_M = 0.3;
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
    this.face = new Mesh(geometry, material);
    this.face.frustumCulled = false;
    this.face.renderOrder = 2;
    this.rings.visible.renderOrder = 1;
    this.group.add(this.rings.visible, this.face, this.lines.hidden, this.lines.visible);
  }

  /** Rings on the ground around the ego; none where there is no ego. */
  ring(ground_m: number | null): void {
    const level = ground_m ?? 0;
    this.rings.begin();
    for (const radius of ground_m === null ? [] : RINGS_M)
      for (let n = 0; n < RING_PIECES; n++) {
        const [a, b] = [(n / RING_PIECES) * 2 * Math.PI, ((n + 1) / RING_PIECES) * 2 * Math.PI];
        const [ax, ay, bx, by] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
        this.rings.add(
          ax * radius,
          ay * radius,
          level,
          bx * radius,
          by * radius,
          level,
          this.colors.ring,
          0.2,
          1,
          1,
        );
      }
    this.rings.finish();
  }

  /** Draws the objects; `sketch` is a cuboid that is being made, `theirs` are what others have in its place. */
  write(
    items: readonly Staged[],
    selected: string | null,
    hovered: string | null,
    sketch: Cuboid | null,
    theirs: readonly Cuboid[],
  ): void {
    this.lines.begin();
    this.face.visible = false;
    for (const item of items) {
      if (item.present.id === selected) continue;
      const width = item.present.id === hovered ? 2 : item.present.machine ? 1 : 1.3;
      this.edges(item.corners, item.present.stroke_rgb, width, HIDDEN);
      this.arrow(item.cuboid, item.present.stroke_rgb, width, HIDDEN);
    }
    const chosen = items.find((item) => item.present.id === selected);
    if (chosen !== undefined) {
      const width = chosen.present.machine ? 1 : 2.2;
      this.edges(chosen.corners, this.colors.select, width, HIDDEN_SELECTED);
      const sign = chosen.present.need ? chosen.present.stroke_rgb : this.colors.select;
      this.arrow(chosen.cuboid, sign, width, HIDDEN_SELECTED);
      this.fill(chosen.corners, sign);
    }
    if (sketch !== null) {
      this.edges(corners(sketch), this.colors.select, 1.6, HIDDEN_SELECTED);
      this.arrow(sketch, this.colors.select, 1.6, HIDDEN_SELECTED);
    }
    for (const cuboid of theirs) this.dashes(corners(cuboid));
    this.lines.finish();
  }

  /** White dashes along the edges, as many as keep their look on the screen at a usual distance. */
  private dashes(at: readonly Vec3[]): void {
    const white: Rgb = [0.93, 0.95, 0.98];
    for (const [from, to] of EDGES) {
      const [a, b] = [at[from]!, at[to]!];
      const along = (share: number): Vec3 => [
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
      ];
      const pieces = Math.max(2, Math.round(Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]) / DASH_M));
      for (let n = 0; n < pieces; n++)
        this.segment(along(n / pieces), along((n + 0.55) / pieces), white, 1.3, HIDDEN_SELECTED);
    }
  }

  private edges(at: readonly Vec3[], color: Rgb, width_px: number, hidden: number): void {
    for (const [a, b] of EDGES) this.segment(at[a]!, at[b]!, color, width_px, hidden);
  }

  private arrow(cuboid: Cuboid, color: Rgb, width_px: number, hidden: number): void {
    const [l, w, h] = [cuboid.size_m[0] / 2, cuboid.size_m[1] / 2, cuboid.size_m[2] / 2];
    const reach = arrowLength(l * 2);
    const barb = Math.min(0.32, w * 0.5);
    const tip = arrowTip(cuboid);
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

  private fill(at: readonly Vec3[], color: Rgb): void {
    this.face.material.color.setRGB(...color, SRGBColorSpace);
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
