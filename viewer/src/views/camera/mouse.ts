/** The mouse over an image: hovering and choosing objects, zooming to the cursor, dragging what is zoomed. */

import type { ViewContext } from "../context";
import { type Drawn, objectAt, type Pane, zoomPane } from "./picture";
import { holds } from "./strip";

/** What the mouse needs of the view. */
export interface ImageStage {
  readonly drawn: readonly Drawn[];
  readonly whole: Pane;
  pane: Pane;
  readonly close: Pane | null;
  redraw(): void;
  fit(): void;
}

export class ImageMouse {
  private readonly stop = new AbortController();
  private press: { x: number; y: number; lastX: number; lastY: number; moved: boolean } | null = null;

  constructor(
    private readonly root: HTMLElement,
    private readonly stage: ImageStage,
    private readonly context: ViewContext,
  ) {
    const { signal } = this.stop;
    root.addEventListener("pointerdown", (event) => this.down(event), { signal });
    root.addEventListener("pointermove", (event) => this.move(event), { signal });
    root.addEventListener("pointerup", (event) => this.up(event), { signal });
    root.addEventListener("pointerleave", () => this.context.editor.hover(null), { signal });
    root.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    root.addEventListener("wheel", (event) => this.wheel(event), { signal, passive: false });
    root.addEventListener("dblclick", () => this.stage.fit(), { signal });
  }

  dispose(): void {
    this.stop.abort();
  }

  private at(event: MouseEvent): { x: number; y: number } {
    const box = this.root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private under({ x, y }: { x: number; y: number }): string | null {
    const { whole, close } = this.stage;
    const pane = holds(whole, x, y) ? this.stage.pane : close !== null && holds(close, x, y) ? close : null;
    if (pane === null) return null;
    return objectAt(
      this.stage.drawn,
      (x - pane.x) / pane.scale - 0.5,
      (y - pane.y) / pane.scale - 0.5,
      3 / pane.scale,
    );
  }

  private down(event: PointerEvent): void {
    const { x, y } = this.at(event);
    if (!holds(this.stage.whole, x, y) && event.button !== 0) return;
    this.root.setPointerCapture(event.pointerId);
    this.press = { x, y, lastX: x, lastY: y, moved: false };
  }

  private move(event: PointerEvent): void {
    const here = this.at(event);
    const { press } = this;
    if (press === null) {
      const id = this.under(here);
      if (id !== this.context.store.getState().hovered) this.context.editor.hover(id);
      this.root.style.cursor = id === null ? "default" : "pointer";
      return;
    }
    press.moved ||= Math.hypot(here.x - press.x, here.y - press.y) > 4;
    const { whole, pane } = this.stage;
    if (press.moved && holds(whole, press.x, press.y) && pane !== whole) {
      this.stage.pane = {
        ...pane,
        x: pane.x + here.x - press.lastX,
        y: pane.y + here.y - press.lastY,
      };
      this.stage.redraw();
    }
    press.lastX = here.x;
    press.lastY = here.y;
  }

  private up(event: PointerEvent): void {
    const { press } = this;
    this.press = null;
    if (press === null || press.moved || event.button !== 0) return;
    const id = this.under(this.at(event));
    if (id !== null) this.context.editor.select(id);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.at(event);
    if (!holds(this.stage.whole, x, y)) return;
    const delta = Math.min(400, Math.max(-400, event.deltaY * (event.deltaMode === 1 ? 32 : 1)));
    this.stage.pane = zoomPane(this.stage.pane, Math.exp(-delta * 0.0015), x, y, this.stage.whole);
    this.stage.redraw();
  }
}
