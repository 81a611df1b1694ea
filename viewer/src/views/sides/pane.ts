/** One of the three views: its canvas, its title, and the hand in it. */

import type { Editor } from "../../editor/contract";
import { apply, inverse, wrapAngle, yawOf } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { make } from "../element";
import { degrees, signed } from "../format";
import type { Present } from "../present";
import { type SideHandle, sideHandleAt, sidePulled } from "./handles";
import type { Nearby } from "./nearby";
import { SidePainter } from "./paint";
import { type Axis, fitSight, type Plan, type Sight, toScreen, zoomSight } from "./plan";

export interface PaneHooks {
  readonly editor: Editor;
  base(): Cuboid | null;
  /** The name of the object, for the history. */
  chip(): string;
  settled(): boolean;
  redraw(): void;
  /** The view shows more than before: more points may be needed. */
  reach(): void;
}

interface Grip {
  readonly handle: SideHandle;
  readonly start: Cuboid;
  readonly from: { x: number; y: number };
  cuboid: Cuboid;
  moved: boolean;
}

const TITLES = { top: ["Top", ""], side: ["Side", "right, front →"], rear: ["Rear", "from behind"] } as const;
const LABELS = { corner: "Resize", face: "Resize", body: "Move", knob: "Turn" } as const;

export class SidePane {
  private readonly root: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly painter: SidePainter;
  private readonly value: HTMLElement;
  private readonly stop = new AbortController();
  private sight: Sight = { x: 0, y: 0, scale: 40 };
  private size = { width: 1, height: 1 };
  private ratio = 1;
  private grip: Grip | null = null;
  private panning: { x: number; y: number } | null = null;

  constructor(
    parent: HTMLElement,
    private readonly plan: Plan,
    private readonly hooks: PaneHooks,
  ) {
    this.root = make("div", parent, "wl-side");
    this.root.dataset.plan = plan.name;
    this.canvas = make("canvas", this.root);
    const pen = this.canvas.getContext("2d", { alpha: false });
    if (pen === null) throw new Error("the browser gives no 2D canvas");
    this.painter = new SidePainter(pen);
    const title = make("div", this.root, "wl-side-title");
    make("b", title, "", TITLES[plan.name][0]);
    make("span", title, "", TITLES[plan.name][1]);
    this.value = make("span", title);
    Object.assign(this.root, { pixelOf: (point_m: Vec3) => this.pixelOf(point_m) }); // for scripts that drive the viewer
    this.listen();
  }

  /** Where a point of the world is on the page; null when no cuboid gives the axes. */
  private pixelOf(point_m: Vec3): { x: number; y: number } | null {
    const base = this.hooks.base();
    if (base === null) return null;
    const [x, y] = toScreen(this.plan, this.sight, apply(inverse(base.pose), point_m));
    const box = this.root.getBoundingClientRect();
    return { x: box.left + x, y: box.top + y };
  }

  resize(): void {
    this.ratio = window.devicePixelRatio;
    this.size = { width: this.root.clientWidth, height: this.root.clientHeight };
    this.canvas.width = Math.max(1, Math.round(this.size.width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(this.size.height * this.ratio));
    this.canvas.style.width = `${this.size.width}px`;
    this.canvas.style.height = `${this.size.height}px`;
  }

  fit(size_m: Vec3): void {
    this.sight = fitSight(this.plan, size_m, this.size);
  }

  /** How far from the centre the picture shows along an axis of the cuboid, metres. */
  reach(axis: Axis): number {
    const { x, y, scale } = this.sight;
    if (axis === this.plan.right) return Math.max(x, this.size.width - x) / scale;
    return axis === this.plan.up ? Math.max(y, this.size.height - y) / scale : 0;
  }

  say(text: string): void {
    if (this.value.textContent !== text) this.value.textContent = text;
  }

  draw(base: Cuboid, chosen: Present, nearby: Nearby, drafted: boolean, typical_m: Vec3 | null): void {
    const pulls = this.grip?.handle.part === "corner" || this.grip?.handle.part === "face";
    this.painter.paint(
      {
        plan: this.plan,
        sight: this.sight,
        size: this.size,
        base,
        cuboid: chosen.cuboid,
        nearby,
        machine: chosen.machine,
        handles: !drafted,
        note: this.grip?.moved ? this.note(this.grip) : null,
        typical_m: pulls && this.grip?.moved ? typical_m : null,
      },
      this.ratio,
    );
  }

  /** Lets go without a change: what was held is not what is shown any more. */
  abandon(): void {
    this.grip = null;
  }

  dispose(): void {
    this.stop.abort();
    this.root.remove();
  }

  private note({ handle, start, cuboid }: Grip): string {
    const plus = (value: number, digits: number) => `${value > 0 ? "+" : ""}${signed(value, digits)}`;
    if (handle.part === "knob") {
      const turn = wrapAngle(yawOf(cuboid.pose) - yawOf(start.pose));
      return `turned ${turn > 0 ? "+" : ""}${degrees(turn)}`;
    }
    if (handle.part === "body") {
      const [a, b] = [start.pose.translation_m, cuboid.pose.translation_m];
      return (["x", "y", "z"] as const)
        .map((letter, axis) => ({ letter, step: b[axis as Axis] - a[axis as Axis] }))
        .filter(({ step }) => Math.abs(step) >= 0.005)
        .map(({ letter, step }) => `${letter} ${plus(step, 2)}`)
        .join("  ");
    }
    return (["l", "w", "h"] as const)
      .map((letter, axis) => ({ letter, now: cuboid.size_m[axis as Axis], was: start.size_m[axis as Axis] }))
      .filter(({ now, was }) => now !== was)
      .map(({ letter, now, was }) => `${letter} ${signed(now, 3)}  ${plus(now - was, 3)}`)
      .join("   ");
  }

  private listen(): void {
    const { signal } = this.stop;
    const { root } = this;
    root.addEventListener("pointerdown", (event) => this.down(event), { signal });
    root.addEventListener("pointermove", (event) => this.move(event), { signal });
    root.addEventListener("pointerup", () => this.up(), { signal });
    root.addEventListener("pointercancel", () => this.cancel(), { signal });
    root.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    root.addEventListener("dblclick", () => this.refit(), { signal });
    root.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    window.addEventListener("keydown", (event) => this.key(event), { signal, capture: true });
  }

  private at(event: MouseEvent): { x: number; y: number } {
    const box = this.root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private under({ x, y }: { x: number; y: number }): SideHandle | null {
    const base = this.hooks.base();
    return base === null || !this.hooks.settled()
      ? null
      : sideHandleAt(this.plan, this.sight, base.size_m, x, y);
  }

  private down(event: PointerEvent): void {
    if (this.grip !== null || this.panning !== null) return;
    this.root.setPointerCapture(event.pointerId);
    const from = this.at(event);
    const handle = event.button === 0 ? this.under(from) : null;
    const start = this.hooks.base();
    if (handle !== null && start !== null) this.grip = { handle, start, from, cuboid: start, moved: false };
    else this.panning = from;
  }

  private move(event: PointerEvent): void {
    const here = this.at(event);
    if (this.grip !== null) {
      const { handle, start, from } = this.grip;
      this.grip.moved ||= Math.hypot(here.x - from.x, here.y - from.y) >= 2;
      if (!this.grip.moved) return;
      this.grip.cuboid = sidePulled(this.plan, this.sight, handle, start, from, here);
      this.hooks.editor.draft(this.grip.cuboid);
    } else if (this.panning !== null) {
      const { x, y, scale } = this.sight;
      this.sight = { x: x + here.x - this.panning.x, y: y + here.y - this.panning.y, scale };
      this.panning = here;
      this.hooks.reach();
      this.hooks.redraw();
    } else this.root.style.cursor = this.cursor(this.under(here));
  }

  private cursor(handle: SideHandle | null): string {
    if (handle === null) return "default";
    if (handle.part === "body") return "move";
    if (handle.part === "knob") return "grab";
    if (handle.part === "face") return handle.upright ? "ew-resize" : "ns-resize";
    const right = handle.signs[this.plan.right] * this.plan.right_sign;
    return right * handle.signs[this.plan.up] > 0 ? "nesw-resize" : "nwse-resize";
  }

  private up(): void {
    const { grip } = this;
    this.grip = null;
    this.panning = null;
    if (grip?.moved)
      this.hooks.editor.commit(grip.cuboid, `${LABELS[grip.handle.part]} ${this.hooks.chip()}`);
    this.hooks.redraw();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    if (this.grip !== null) return;
    const { x, y } = this.at(event);
    const delta = event.deltaY * (event.deltaMode === 1 ? 32 : 1);
    this.sight = zoomSight(this.sight, Math.exp(-Math.min(400, Math.max(-400, delta)) * 0.0015), x, y);
    this.hooks.reach();
    this.hooks.redraw();
  }

  private refit(): void {
    const base = this.hooks.base();
    if (base !== null) this.fit(base.size_m);
    this.hooks.reach();
    this.hooks.redraw();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || this.grip === null) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.cancel();
  }

  private cancel(): void {
    const drafted = this.grip?.moved === true;
    this.grip = null;
    this.panning = null;
    if (drafted) this.hooks.editor.draft(null);
    this.hooks.redraw();
  }
}
