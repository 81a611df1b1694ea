/** What lies over the cloud at constant pixels: names, ring labels, handles, the numbers of a drag. */

import { make } from "../element";
import { arrowTip, type Staged } from "./boxes";
import type { Eye, Spot } from "./eye";
import type { Handle } from "./grip";

interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const CHAR_PX = 6.6;
/** Where the bar and the readouts lie over the cloud. */
const BAR_PX = { wide: 390, tall: 42 };
const FOOT_PX = { left: 330, right: 230, tall: 36 };
const RING_TURNS = [-0.42, -0.34, -0.5, -0.26, 0.42, 0.34, -0.15, 0.15] as const;

export class Marks {
  private readonly root: HTMLElement;
  private readonly pools = new Map<string, HTMLElement[]>();
  private readonly used = new Map<string, number>();
  private readonly taken: Area[] = [];
  private readonly names = new Set<string>();
  private readonly spot: Spot = { x: 0, y: 0, away_m: 0, ok: false };

  constructor(
    parent: HTMLElement,
    private readonly eye: Eye,
  ) {
    this.root = make("div", parent, "wl-cloud-marks");
  }

  begin(): void {
    const { width, height } = this.eye;
    this.used.clear();
    this.names.clear();
    this.taken.length = 0;
    this.taken.push({ left: width - BAR_PX.wide, right: width, top: 0, bottom: BAR_PX.tall });
    this.taken.push({ left: 0, right: FOOT_PX.left, top: height - FOOT_PX.tall, bottom: height });
    this.taken.push({
      left: width - FOOT_PX.right,
      right: width,
      top: height - FOOT_PX.tall,
      bottom: height,
    });
  }

  /** Whether an object's name is on the view. */
  named(item: Staged): boolean {
    return this.names.has(item.present.id);
  }

  /** Names, nearest first; one that would cover a nearer one is left out. */
  chips(items: readonly Staged[], selected: string | null, hovered: string | null, all: boolean): void {
    const rank = ({ present }: Staged) => (present.id === selected ? 0 : present.id === hovered ? 1 : 2);
    const away = ({ cuboid }: Staged) => {
      const [x, y] = cuboid.pose.translation_m;
      return x * x + y * y;
    };
    for (const item of [...items].sort((a, b) => rank(a) - rank(b) || away(a) - away(b))) {
      const state = item.present.id === selected ? "selected" : item.present.id === hovered ? "hovered" : "";
      if (state === "" && !all) continue;
      let [top, left, right, bottom] = [1e9, 1e9, -1e9, -1e9];
      let [seen, whole] = [false, true];
      for (const corner of item.corners) {
        this.eye.project(...corner, this.spot);
        whole = whole && this.spot.ok;
        seen = seen || this.spot.ok;
        if (!this.spot.ok) continue;
        top = Math.min(top, this.spot.y);
        bottom = Math.max(bottom, this.spot.y);
        left = Math.min(left, this.spot.x);
        right = Math.max(right, this.spot.x);
      }
      const tip = this.eye.project(...arrowTip(item.cuboid), this.spot);
      if (tip.ok && tip.x > left && tip.x < right) top = Math.min(top, tip.y - 5); // its knob stays free
      const { width, height } = this.eye;
      if (!seen || right < 0 || left > width || top > height || bottom < 0) continue;
      if (state === "" && (!whole || top < 18)) continue;
      const half = (item.present.chip.length * CHAR_PX + 12) / 2;
      const middle = Math.min(
        width - half - 4,
        Math.max(half + 4, (Math.max(left, 0) + Math.min(right, width)) / 2),
      );
      const high = state === "selected" ? 18 : 16;
      const over = Math.min(height - high - 4, Math.max(4, top - high - 5));
      const area = { left: middle - half, right: middle + half, top: over, bottom: over + high + 2 };
      if (state === "" && this.covered(area)) continue;
      this.taken.push(area);
      this.names.add(item.present.id);
      const chip = this.element("wl-chip", middle, area.top, "translateX(-50%)");
      if (chip.textContent !== item.present.chip) chip.textContent = item.present.chip;
      chip.dataset.state = state;
      chip.dataset.object = item.present.id;
      chip.toggleAttribute("data-need", item.present.need);
      chip.style.setProperty("--chip", item.present.stroke);
    }
  }

  /** How far the rings are, beside the way the eye looks, out of the way of names. */
  ranges(ground_m: number): void {
    const { azimuth_rad } = this.eye.orbit;
    for (let radius = 10; radius <= 50; radius += 10)
      for (const turn of RING_TURNS) {
        const [c, s] = [Math.cos(azimuth_rad + turn), Math.sin(azimuth_rad + turn)];
        const { x, y, ok } = this.eye.project(c * radius, s * radius, ground_m, this.spot);
        const area = { left: x - 20, right: x + 20, top: y - 9, bottom: y + 9 };
        const outside = !ok || x < 24 || y < 48 || x > this.eye.width - 24 || y > this.eye.height - 44;
        if (outside || this.covered(area)) continue;
        this.taken.push(area);
        this.element("wl-range", x, y, "translate(-50%, -50%)").textContent = `${radius} m`;
        break;
      }
  }

  handles(handles: readonly Handle[]): void {
    for (const handle of handles) {
      const { x, y, ok } = this.eye.project(...handle.at, this.spot);
      if (ok) this.element("wl-handle", Math.round(x), Math.round(y)).dataset.kind = handle.kind;
    }
  }

  /** Room that names and ring labels leave free: the picture of a cuboid. */
  reserve(item: Staged): void {
    const area = { left: 1e9, top: 1e9, right: -1e9, bottom: -1e9 };
    for (const corner of item.corners) {
      const { x, y, ok } = this.eye.project(...corner, this.spot);
      if (!ok) return;
      area.left = Math.min(area.left, x);
      area.right = Math.max(area.right, x);
      area.top = Math.min(area.top, y);
      area.bottom = Math.max(area.bottom, y);
    }
    this.taken.push(area);
  }

  measure(x: number, y: number, text: string): void {
    this.element("wl-measure", x + 14, y + 14).textContent = text;
  }

  circle(x: number, y: number): void {
    this.element("wl-spot", x, y);
  }

  finish(): void {
    for (const [kind, pool] of this.pools)
      for (let n = this.used.get(kind) ?? 0; n < pool.length; n++) pool[n]!.style.display = "none";
  }

  private covered({ left, right, top, bottom }: Area): boolean {
    return this.taken.some(
      (other) => left < other.right && right > other.left && top < other.bottom && bottom > other.top,
    );
  }

  private element(kind: string, x: number, y: number, more = ""): HTMLElement {
    const pool = this.pools.get(kind) ?? [];
    this.pools.set(kind, pool);
    const n = this.used.get(kind) ?? 0;
    this.used.set(kind, n + 1);
    pool[n] ??= make("div", this.root, kind);
    const node = pool[n];
    node.style.display = "";
    node.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) ${more}`;
    return node;
  }
}
