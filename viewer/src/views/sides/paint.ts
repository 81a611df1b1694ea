/** One side view on its canvas: grid, points, the cuboid, handles, numbers. */

import { corners, movedCuboid } from "../../space/cuboid";
import { inverse, rotationMatrix } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { token } from "../element";
import { signed } from "../format";
import { KNOB_PX, sideHandles } from "./handles";
import type { Nearby } from "./nearby";
import { type Plan, type Sight, type Size, SLAB_MARGIN_M, toScreen } from "./plan";

export interface SidePicture {
  readonly plan: Plan;
  readonly sight: Sight;
  readonly size: Size;
  /** The cuboid of the world whose axes the view has: it rests while the hand drags. */
  readonly base: Cuboid;
  /** The cuboid as it is now. */
  readonly cuboid: Cuboid;
  readonly nearby: Nearby;
  readonly machine: boolean;
  readonly handles: boolean;
  /** What the hand changed, beside the object; null at rest. */
  readonly note: string | null;
  /** The size its class usually has, while sides are pulled. */
  readonly typical_m: Vec3 | null;
}

const NEAR_GROUND_M = 0.12;
const LETTERS = ["l", "w", "h"] as const;

export class SidePainter {
  private readonly colors = {
    grid: token("--grid", "#1a2028"),
    select: token("--select", "#4c9dff"),
    out: token("--point-out", "#59636f"),
    inside: token("--point-in", "#e6ebf2"),
    ground: "#86a9d6",
    text: token("--text", "#e6ebf2"),
    faint: token("--text-2", "#a9b4c2"),
    shade: token("--ground", "#0e1116"),
  };
  private readonly font = `540 11px ${token("--font", "sans-serif")}`;

  constructor(private readonly pen: CanvasRenderingContext2D) {}

  paint(picture: SidePicture, ratio: number): void {
    const { pen } = this;
    const { width, height } = picture.size;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = this.colors.shade;
    pen.fillRect(0, 0, width, height);
    this.grid(picture);
    this.points(picture);
    const own = movedCuboid(inverse(picture.base.pose), picture.cuboid);
    if (picture.typical_m !== null) this.outline(picture, { ...own, size_m: picture.typical_m }, true);
    this.outline(picture, own, false);
    if (picture.handles) this.handles(picture);
    this.numbers(picture, own);
    if (picture.note === null) this.bar(picture);
  }

  private grid({ sight, size }: SidePicture): void {
    const { pen } = this;
    const step = sight.scale < 14 ? 2.5 : 0.5;
    pen.strokeStyle = this.colors.grid;
    pen.lineWidth = 1;
    pen.beginPath();
    const gap = step * sight.scale;
    for (let x = sight.x % gap; x < size.width; x += gap)
      this.line(Math.round(x) + 0.5, 0, Math.round(x) + 0.5, size.height);
    for (let y = sight.y % gap; y < size.height; y += gap)
      this.line(0, Math.round(y) + 0.5, size.width, Math.round(y) + 0.5);
    pen.stroke();
  }

  private line(ax: number, ay: number, bx: number, by: number): void {
    this.pen.moveTo(ax, ay);
    this.pen.lineTo(bx, by);
  }

  /** Points of the slab: outside grey, inside light, the ground inside pale blue. */
  private points({ plan, sight, size, base, cuboid, nearby }: SidePicture): void {
    const { pen } = this;
    const { rotation_wxyz, translation_m } = movedCuboid(inverse(cuboid.pose), base).pose;
    const r = rotationMatrix(rotation_wxyz);
    const half: Vec3 = [cuboid.size_m[0] / 2, cuboid.size_m[1] / 2, cuboid.size_m[2] / 2];
    const slab = half[plan.depth] + SLAB_MARGIN_M;
    for (const kind of [0, 1, 2] as const) {
      pen.fillStyle = kind === 0 ? this.colors.out : kind === 1 ? this.colors.ground : this.colors.inside;
      const side = kind === 0 ? 1.8 : 2.4;
      for (let n = 0; n < nearby.count * 3; n += 3) {
        const [px, py, pz] = [nearby.xyz[n]!, nearby.xyz[n + 1]!, nearby.xyz[n + 2]!];
        const x = r[0]! * px + r[1]! * py + r[2]! * pz + translation_m[0];
        const y = r[3]! * px + r[4]! * py + r[5]! * pz + translation_m[1];
        const z = r[6]! * px + r[7]! * py + r[8]! * pz + translation_m[2];
        const depth = plan.depth === 0 ? x : plan.depth === 1 ? y : z;
        if (Math.abs(depth) > slab) continue;
        const inside = Math.abs(x) <= half[0] && Math.abs(y) <= half[1] && Math.abs(z) <= half[2];
        const low = inside && z < NEAR_GROUND_M - half[2];
        if (kind !== (low ? 1 : inside ? 2 : 0)) continue;
        const right = plan.right === 0 ? px : py;
        const up = plan.up === 0 ? px : pz;
        const sx = sight.x + right * plan.right_sign * sight.scale;
        const sy = sight.y - up * sight.scale;
        if (sx < 0 || sy < 0 || sx > size.width || sy > size.height) continue;
        pen.fillRect(sx - side / 2, sy - side / 2, side, side);
      }
    }
  }

  private outline({ plan, sight, machine }: SidePicture, own: Cuboid, ghost: boolean): void {
    const { pen } = this;
    pen.beginPath();
    const spots = corners(own).map((corner) => toScreen(plan, sight, corner));
    if (plan.name === "top") for (const n of [0, 1, 2, 3]) pen.lineTo(...spots[n]!);
    else {
      const [xs, ys] = [spots.map(([x]) => x), spots.map(([, y]) => y)];
      pen.rect(
        Math.min(...xs),
        Math.min(...ys),
        Math.max(...xs) - Math.min(...xs),
        Math.max(...ys) - Math.min(...ys),
      );
    }
    pen.closePath();
    pen.setLineDash(ghost ? [3, 2.5] : []);
    pen.strokeStyle = ghost ? "rgba(255, 255, 255, 0.5)" : this.colors.select;
    pen.lineWidth = ghost || machine ? 1 : 2;
    if (!ghost) {
      pen.fillStyle = "rgba(76, 157, 255, 0.06)";
      pen.fill();
    }
    pen.stroke();
    pen.setLineDash([]);
    if (ghost) return;
    const [x, y] = toScreen(plan, sight, own.pose.translation_m);
    pen.lineWidth = 1;
    pen.beginPath();
    this.line(x - 4, y, x + 4, y);
    this.line(x, y - 4, x, y + 4);
    pen.stroke();
  }

  private handles({ plan, sight, base }: SidePicture): void {
    const { pen } = this;
    for (const { part, x, y, upright } of sideHandles(plan, sight, base.size_m)) {
      pen.fillStyle = "#fff";
      pen.strokeStyle = this.colors.select;
      pen.lineWidth = 1;
      pen.beginPath();
      if (part === "knob") {
        this.line(x, y + KNOB_PX, x, y + 5);
        pen.stroke();
        pen.beginPath();
        pen.arc(x, y, 4.5, 0, 2 * Math.PI);
        pen.fillStyle = this.colors.select;
        pen.strokeStyle = "#fff";
        pen.lineWidth = 1.5;
      } else if (part === "corner") pen.rect(Math.round(x) - 4, Math.round(y) - 4, 8, 8);
      else {
        const [wide, tall] = upright ? [4, 12] : [12, 4];
        pen.roundRect(x - wide / 2, y - tall / 2, wide, tall, 2);
        pen.fillStyle = "#bcd9ff";
      }
      pen.fill();
      if (part !== "corner") pen.stroke();
    }
  }

  /** The side that this view shows best, and what is being changed: outside the box, off the points. */
  private numbers({ plan, sight, size, cuboid, note }: SidePicture, own: Cuboid): void {
    const spots = corners(own).map((corner) => toScreen(plan, sight, corner));
    const right = Math.max(...spots.map(([x]) => x));
    const bottom = Math.max(...spots.map(([, y]) => y));
    const middle = toScreen(plan, sight, own.pose.translation_m);
    const axis = plan.name === "top" ? 1 : plan.name === "side" ? 0 : 2;
    const text = `${LETTERS[axis]} ${signed(cuboid.size_m[axis], 2)}`;
    if (plan.name === "rear") this.label(text, Math.min(right + 8, size.width - 48), middle[1], "left");
    else this.label(text, middle[0], Math.min(bottom + 13, size.height - 22), "center");
    if (note !== null) this.label(note, 8, size.height - 11, "left");
  }

  private label(text: string, x: number, y: number, align: "left" | "center" | "right"): void {
    const { pen } = this;
    pen.font = this.font;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.lineWidth = 4;
    pen.lineJoin = "round";
    pen.strokeStyle = this.colors.shade;
    pen.strokeText(text, x, y + 0.5);
    pen.fillStyle = this.colors.text;
    pen.fillText(text, x, y + 0.5);
  }

  private bar({ sight, size }: SidePicture): void {
    const { pen } = this;
    const [right, y] = [Math.round(size.width - 10) + 0.5, size.height - 10.5];
    const left = Math.round(right - sight.scale) + 0.5;
    if (left < 40) return;
    pen.strokeStyle = this.colors.faint;
    pen.lineWidth = 1;
    pen.beginPath();
    this.line(left, y, right, y);
    this.line(left, y - 3, left, y + 3);
    this.line(right, y - 3, right, y + 3);
    pen.stroke();
    pen.font = this.font;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    pen.fillStyle = this.colors.faint;
    pen.fillText("1 m", left - 6, y + 0.5);
  }
}
