/** The mouse over the cloud: looking around, pointing at objects, and the tools. */

import { movedCuboid } from "../../space/cuboid";
import { apply, wrapAngle, yawOf } from "../../space/pose";
import type { Cuboid, Pose, Vec3 } from "../../state/model";
import type { ViewContext } from "../context";
import { degrees } from "../format";
import type { Staged } from "./boxes";
import type { Eye } from "./eye";
import { type Grip, type Handle, handleAt, handlesOf, pulled, taken } from "./grip";
import { orbitBy, panBy, wheelDelta, zoomBy } from "./navigate";
import { pickCuboid, rayCuboid } from "./pick";
import { sketched } from "./sketch";

/** What the hands need to know of the view. */
export interface Stage {
  readonly eye: Eye;
  readonly world_from_stage: Pose;
  readonly items: readonly Staged[];
  readonly ground_m: number;
  /** Whether what is drawn is the frame the user is in: else nothing can be taken hold of. */
  readonly settled: boolean;
  readonly is_map: boolean;
  pointAt(x: number, y: number): Vec3 | null;
  groundUnder(place: Vec3): number;
  redraw(): void;
}

type Doing =
  | { readonly kind: "orbit" | "pan" }
  | { readonly kind: "grip"; readonly grip: Grip; cuboid: Cuboid }
  | { readonly kind: "sketch"; readonly from: Vec3; readonly ground_m: number }
  | { readonly kind: "press"; readonly drag: Doing };

const CLICK_PX = 4;

const sizeText = ([l, w, h]: Vec3) => `${l.toFixed(2)} × ${w.toFixed(2)} × ${h.toFixed(2)} m`;

export class Hands {
  /** The cuboid of the stage that the box tool draws. */
  sketch: Cuboid | null = null;
  /** Where the cursor rests, for the tools that show it; null outside. */
  cursor: { x: number; y: number } | null = null;
  private doing: Doing | null = null;
  private start = { x: 0, y: 0 };
  private last = { x: 0, y: 0 };
  private readonly stop = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly stage: Stage,
    private readonly context: ViewContext,
  ) {
    const { signal } = this.stop;
    element.addEventListener("pointerdown", (event) => this.down(event), { signal });
    element.addEventListener("pointermove", (event) => this.move(event), { signal });
    element.addEventListener("pointerup", (event) => this.up(event), { signal });
    element.addEventListener("pointercancel", () => this.cancel(), { signal });
    element.addEventListener("pointerleave", () => this.leave(), { signal });
    element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    element.addEventListener("dblclick", (event) => this.center(this.at(event)), { signal });
    element.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    window.addEventListener("keydown", (event) => this.key(event), { signal, capture: true });
  }

  /** The numbers of the drag under way, null when there is none. */
  get measure(): string | null {
    if (this.sketch !== null) return sizeText(this.sketch.size_m);
    if (this.doing?.kind !== "grip") return null;
    const { grip, cuboid } = this.doing;
    const { kind } = grip.handle;
    if (kind === "corner" || kind === "top") return sizeText(cuboid.size_m);
    if (kind === "body") {
      const [a, b] = [grip.start.pose.translation_m, cuboid.pose.translation_m];
      return `moved ${Math.hypot(b[0] - a[0], b[1] - a[1]).toFixed(2)} m`;
    }
    const turn = wrapAngle(yawOf(cuboid.pose) - yawOf(grip.start.pose));
    return `turned ${turn > 0 ? "+" : ""}${degrees(turn)}`;
  }

  get dragging(): boolean {
    return this.doing !== null && this.doing.kind !== "press";
  }

  dispose(): void {
    this.cancel();
    this.stop.abort();
  }

  private at(event: MouseEvent): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private down(event: PointerEvent): void {
    if (this.doing !== null) return;
    this.element.setPointerCapture(event.pointerId);
    this.start = this.at(event);
    this.last = this.start;
    const looks = event.button === 2 || (event.button === 0 && event.shiftKey && !this.sketching);
    if (looks) this.doing = { kind: "pan" };
    else if (event.button === 1) {
      event.preventDefault();
      this.doing = { kind: "orbit" };
    } else if (event.button === 0) this.doing = { kind: "press", drag: this.intent(this.start) };
  }

  private get sketching(): boolean {
    return this.context.store.getState().tool === "box";
  }

  /** What a drag from here would do. */
  private intent({ x, y }: { x: number; y: number }): Doing {
    const { eye, items, settled, ground_m } = this.stage;
    const { tool, selected } = this.context.store.getState();
    const around: Doing = { kind: eye.flat ? "pan" : "orbit" };
    if (!settled) return around;
    if (tool === "box") {
      const first = eye.levelAt(x, y, ground_m);
      const ground = first === null ? ground_m : this.stage.groundUnder(first);
      const from = eye.levelAt(x, y, ground);
      return from === null ? around : { kind: "sketch", from, ground_m: ground };
    }
    const chosen = items.find((item) => item.present.id === selected);
    if (tool !== "select" || chosen === undefined) return around;
    const handle = handleAt(eye, handlesOf(eye, chosen.cuboid), x, y) ?? this.body(chosen, x, y);
    const grip = handle === null ? null : taken(eye, handle, chosen.cuboid, x, y);
    return grip === null ? around : { kind: "grip", grip, cuboid: chosen.cuboid };
  }

  private body(chosen: Staged, x: number, y: number): Handle | null {
    const ray = this.stage.eye.ray(x, y);
    const along = rayCuboid(ray, chosen.cuboid);
    if (along === null || pickCuboid(ray, this.stage.items) !== chosen) return null;
    const place = (axis: 0 | 1 | 2) => ray.origin[axis] + ray.direction[axis] * along;
    return { kind: "body", at: [place(0), place(1), place(2)] };
  }

  private move(event: PointerEvent): void {
    const here = this.at(event);
    const [dx, dy] = [here.x - this.last.x, here.y - this.last.y];
    this.cursor = here;
    if (this.doing?.kind === "press") {
      if (Math.hypot(here.x - this.start.x, here.y - this.start.y) < CLICK_PX) return;
      this.doing = this.doing.drag;
    }
    const { eye } = this.stage;
    if (this.doing === null) this.point(here);
    else if (this.doing.kind === "orbit") orbitBy(eye, dx, dy);
    else if (this.doing.kind === "pan") panBy(eye, this.last.x, this.last.y, dx, dy);
    else if (this.doing.kind === "grip") this.pull(this.doing, here);
    else if (this.doing.kind === "sketch") this.draw(this.doing, here);
    this.last = here;
    if (this.doing !== null || this.context.store.getState().tool !== "select") this.stage.redraw();
  }

  private pull(doing: { grip: Grip; cuboid: Cuboid }, { x, y }: { x: number; y: number }): void {
    const cuboid = pulled(this.stage.eye, doing.grip, x, y);
    if (cuboid === null) return;
    doing.cuboid = cuboid;
    this.context.editor.draft(movedCuboid(this.stage.world_from_stage, cuboid));
  }

  private draw(doing: { from: Vec3; ground_m: number }, { x, y }: { x: number; y: number }): void {
    const to = this.stage.eye.levelAt(x, y, doing.ground_m);
    const { scene, active_class } = this.context.store.getState();
    const kind = scene?.classes.find((known) => known.name === active_class);
    if (to !== null) this.sketch = sketched(doing.from, to, doing.ground_m, kind);
  }

  /** Hovering: lights the object, and shows what a drag would do. */
  private point({ x, y }: { x: number; y: number }): void {
    const { store, editor } = this.context;
    const { tool, hovered } = store.getState();
    const found = tool === "select" ? pickCuboid(this.stage.eye.ray(x, y), this.stage.items) : null;
    const id = found?.present.id ?? null;
    if (id !== hovered) editor.hover(id);
    const intent = tool === "select" ? this.intent({ x, y }) : null;
    const handle = intent?.kind === "grip" ? intent.grip.handle.kind : null;
    const cursors = { knob: "grab", corner: "nwse-resize", top: "ns-resize", body: "move" } as const;
    this.element.style.cursor =
      handle !== null
        ? cursors[handle]
        : tool !== "select"
          ? "crosshair"
          : id !== null
            ? "pointer"
            : "default";
  }

  private up(event: PointerEvent): void {
    const { editor } = this.context;
    const doing = this.doing;
    this.doing = null;
    if (this.element.hasPointerCapture(event.pointerId)) this.element.releasePointerCapture(event.pointerId);
    if (doing?.kind === "press") {
      const held = doing.drag.kind === "grip" && doing.drag.grip.handle.kind !== "body";
      if (!held) this.click(this.at(event));
    } else if (doing?.kind === "grip") {
      const { kind } = doing.grip.handle;
      const label = kind === "body" ? "Move" : kind === "knob" ? "Turn" : "Resize";
      const { selected } = this.context.store.getState();
      const chip = this.stage.items.find((item) => item.present.id === selected)?.present.chip ?? "";
      editor.commit(movedCuboid(this.stage.world_from_stage, doing.cuboid), `${label} ${chip}`);
    } else if (doing?.kind === "sketch" && this.sketch !== null) {
      editor.create(movedCuboid(this.stage.world_from_stage, this.sketch));
    }
    this.sketch = null;
    this.stage.redraw();
  }

  private click({ x, y }: { x: number; y: number }): void {
    const { store, editor } = this.context;
    if (store.getState().tool === "click_fit") {
      const point = this.stage.settled ? this.stage.pointAt(x, y) : null;
      if (point !== null) void editor.fitAt(apply(this.stage.world_from_stage, point));
    } else if (store.getState().tool === "select") {
      editor.select(pickCuboid(this.stage.eye.ray(x, y), this.stage.items)?.present.id ?? null);
    }
  }

  private center({ x, y }: { x: number; y: number }): void {
    const { eye, ground_m } = this.stage;
    const place = this.stage.pointAt(x, y) ?? eye.levelAt(x, y, ground_m);
    if (place === null) return;
    eye.orbit = { ...eye.orbit, target: place };
    this.stage.redraw();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.at(event);
    const { eye, ground_m } = this.stage;
    const point = this.stage.is_map ? this.stage.pointAt(x, y) : null; // the ground of a map is not level
    const level = () => eye.levelAt(x, y, ground_m, Math.max(30, eye.orbit.distance_m * 3));
    zoomBy(eye, wheelDelta(event), point ?? level() ?? eye.orbit.target);
    this.stage.redraw();
  }

  private leave(): void {
    this.cursor = null;
    if (this.doing === null && this.context.store.getState().hovered !== null)
      this.context.editor.hover(null);
    this.stage.redraw();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || (this.doing?.kind !== "grip" && this.doing?.kind !== "sketch")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.cancel();
  }

  /** Lets go without a change: what was held is not what is shown any more. */
  abandon(): void {
    if (this.doing?.kind !== "grip" && this.doing?.kind !== "sketch") return;
    this.doing = null;
    this.sketch = null;
  }

  private cancel(): void {
    if (this.doing?.kind === "grip") this.context.editor.draft(null);
    this.doing = null;
    this.sketch = null;
    this.stage.redraw();
  }
}
