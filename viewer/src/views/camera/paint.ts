/** An image with its objects on a pane: every stroke on a dark casing, so that it reads on any photograph. */

import type { Box } from "../../state/model";
import { faded, token } from "../element";
import type { Drawn, Pane, Pixel } from "./picture";

export interface ImagePicture {
  readonly pane: Pane;
  readonly image: ImageBitmap;
  /** Camera pixels for each pixel of the bitmap. */
  readonly bitmap_scale: number;
  readonly drawn: readonly Drawn[];
  readonly selected: string | null;
  readonly hovered: string | null;
  readonly ignored: readonly Box[];
  /** Labelled boxes of objects without a cuboid here, and in the close-up the selected one's. */
  readonly boxes: readonly { readonly box: Box; readonly color: string; readonly dashed: boolean }[];
  /** In a conflict, the edges of what the others have. */
  readonly theirs: readonly (readonly Pixel[])[];
  /** Pixels of the selected object's points, x and y in turn. */
  readonly points: readonly number[];
  readonly chips: boolean;
  readonly close: boolean;
}

const CASING = "rgba(14, 17, 22, 0.58)";

export class ImagePainter {
  private readonly select = token("--select", "#4c9dff");
  private readonly ground = token("--ground", "#0e1116");
  private readonly font = token("--font", "sans-serif");

  constructor(private readonly pen: CanvasRenderingContext2D) {}

  paint(picture: ImagePicture): void {
    const { pen } = this;
    const { pane, image } = picture;
    pen.save();
    pen.beginPath();
    pen.rect(pane.left, pane.top, pane.width, pane.height);
    pen.clip();
    pen.fillStyle = this.ground;
    pen.fillRect(pane.left, pane.top, pane.width, pane.height);
    const scale = pane.scale * picture.bitmap_scale;
    pen.imageSmoothingEnabled = true;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, pane.x, pane.y, image.width * scale, image.height * scale);
    pen.beginPath();
    pen.rect(pane.x, pane.y, image.width * scale, image.height * scale);
    pen.clip();
    for (const box of picture.ignored) this.ignore(pane, box);
    for (const { box, color, dashed } of picture.boxes) this.box(pane, box, color, dashed);
    const rank = ({ present }: Drawn) =>
      present.id === picture.selected ? 2 : present.id === picture.hovered ? 1 : 0;
    const order = [...picture.drawn].sort((a, b) => rank(a) - rank(b));
    for (const one of order) this.object(picture, one);
    pen.beginPath();
    for (const stroke of picture.theirs) this.trace(pane, stroke);
    if (picture.theirs.length > 0) this.cased("#e6ebf2", 1.2, [4, 3]);
    this.points(picture);
    pen.restore();
    pen.save();
    pen.beginPath();
    pen.rect(pane.left, pane.top, pane.width, pane.height);
    pen.clip();
    if (picture.chips) this.chips(picture, order);
    pen.restore();
  }

  private at(pane: Pane, [x, y]: Pixel): [number, number] {
    return [pane.x + (x + 0.5) * pane.scale, pane.y + (y + 0.5) * pane.scale];
  }

  private trace(pane: Pane, line: readonly Pixel[]): void {
    line.forEach((pixel, n) => {
      const [x, y] = this.at(pane, pixel);
      if (n === 0) this.pen.moveTo(x, y);
      else this.pen.lineTo(x, y);
    });
  }

  private cased(color: string, width: number, dash: readonly number[] = []): void {
    const { pen } = this;
    pen.lineJoin = "round";
    pen.lineCap = dash.length > 0 ? "butt" : "round";
    pen.setLineDash([]);
    pen.strokeStyle = CASING;
    pen.lineWidth = width + 1.8;
    pen.stroke();
    pen.setLineDash([...dash]);
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.stroke();
    pen.setLineDash([]);
  }

  private object({ pane, selected, hovered, close }: ImagePicture, { present, strokes, front }: Drawn): void {
    const { pen } = this;
    const chosen = present.id === selected;
    if (close && !chosen) return;
    const color = chosen ? this.select : present.stroke;
    if (front.length > 2) {
      pen.beginPath();
      this.trace(pane, front);
      pen.closePath();
      pen.fillStyle = faded(chosen && present.need ? present.stroke : color, chosen ? 0.22 : 0.16);
      pen.fill();
    }
    pen.beginPath();
    for (const stroke of strokes) this.trace(pane, stroke);
    const lit = chosen || present.id === hovered;
    this.cased(color, lit && !present.machine ? 2 : close ? 1.6 : lit ? 1.5 : 1.2);
  }

  private box(pane: Pane, box: Box, color: string, dashed: boolean): void {
    const [left, top] = this.at(pane, [box[0], box[1]]);
    const [right, bottom] = this.at(pane, [box[2], box[3]]);
    this.pen.beginPath();
    this.pen.rect(left, top, right - left, bottom - top);
    this.cased(color, 1, dashed ? [4, 3] : []);
  }

  /** Regions nobody labels: hatched quietly. */
  private ignore(pane: Pane, box: Box): void {
    const { pen } = this;
    const [left, top] = this.at(pane, [box[0], box[1]]);
    const [right, bottom] = this.at(pane, [box[2], box[3]]);
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, bottom - top);
    pen.fillStyle = "rgba(14, 17, 22, 0.28)";
    pen.fill();
    pen.strokeStyle = "rgba(230, 235, 242, 0.4)";
    pen.lineWidth = 1;
    pen.stroke();
    pen.clip();
    pen.beginPath();
    for (let x = left - (bottom - top); x < right; x += 6) {
      pen.moveTo(x, bottom);
      pen.lineTo(x + bottom - top, top);
    }
    pen.strokeStyle = "rgba(230, 235, 242, 0.22)";
    pen.stroke();
    pen.restore();
  }

  private points({ pane, points }: ImagePicture): void {
    const { pen } = this;
    for (const [color, side] of [
      ["rgba(14, 17, 22, 0.55)", 2.8],
      ["#8fc2ff", 1.6],
    ] as const) {
      pen.fillStyle = color;
      for (let n = 0; n < points.length; n += 2) {
        const [x, y] = this.at(pane, [points[n]!, points[n + 1]!]);
        pen.fillRect(x - side / 2, y - side / 2, side, side);
      }
    }
  }

  /** Numbers over the objects, the selected first, then the nearest; one that would cover another is left out. */
  private chips({ pane, selected, hovered }: ImagePicture, order: readonly Drawn[]): void {
    const { pen } = this;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const taken: (readonly [number, number, number])[] = [];
    for (const { present, box } of [...order].reverse()) {
      const chosen = present.id === selected;
      const text = present.id === hovered ? present.chip : String(present.number);
      pen.font = `600 ${chosen ? 12 : 11}px ${this.font}`;
      const wide = pen.measureText(text).width + 8;
      const [left, top] = this.at(pane, [box[0], box[1]]);
      const [right] = this.at(pane, [box[2], box[1]]);
      const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
      const x = clamp((left + right) / 2, pane.left + wide / 2 + 2, pane.left + pane.width - wide / 2 - 2);
      const y = clamp(top - 10, pane.top + 30, pane.top + pane.height - 10);
      const lit = chosen || present.id === hovered;
      const covered = taken.some(([ox, oy, o]) => Math.abs(ox - x) < (o + wide) / 2 && Math.abs(oy - y) < 15);
      if (covered && !lit) continue;
      taken.push([x, y, wide]);
      pen.beginPath();
      pen.roundRect(x - wide / 2, y - 8, wide, 16, 3);
      pen.fillStyle = chosen ? this.select : "rgba(14, 17, 22, 0.66)";
      pen.fill();
      if (present.id === hovered && !chosen) {
        pen.strokeStyle = present.stroke;
        pen.lineWidth = 1;
        pen.stroke();
      }
      pen.fillStyle = chosen ? "#07111f" : present.id === hovered ? "#fff" : present.stroke;
      pen.fillText(text, x, y + 0.5);
    }
  }
}
