/** Three side views of the selected object: the precision tool. */

import "./sides.css";
import { sensorFrame } from "../../space/clock";
import { compose, inverse } from "../../space/pose";
import type { Cuboid, Scene, State, Vec3 } from "../../state/model";
import type { View, ViewContext } from "../context";
import { make, onDemand, watchSize } from "../element";
import { NearNodes } from "../near";
import { type Present, selectedAt } from "../present";
import { isMerged, treeClouds } from "../sources";
import { FrameSweeps, type Shown } from "../sweeps";
import { Nearby } from "./nearby";
import { SidePane } from "./pane";
import { PLANS } from "./plan";

export interface SidesView extends View {
  /** Shows the whole object again after zooming. */
  fit(): void;
}

/** Sight is kept while the object changes less than this; what grew out of it is fitted anew. */
const REFIT_SHARE = 0.25;

export function createSidesView(element: HTMLElement, context: ViewContext): SidesView {
  return new Sides(element, context);
}

class Sides implements SidesView {
  private readonly root: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly panes: readonly SidePane[];
  private readonly nearby = new Nearby();
  private readonly frames: FrameSweeps;
  private readonly near: NearNodes;
  private readonly paint = onDemand(() => this.draw());
  private readonly ends: (() => void)[] = [];
  private shown: Shown = { frame: -1, sweeps: [], error: null };
  private base: Cuboid | null = null;
  private fittedTo: { id: string; size_m: Vec3 } | null = null;

  constructor(
    element: HTMLElement,
    private readonly context: ViewContext,
  ) {
    this.root = make("div", element, "wl-sides");
    Object.assign(this.root, { cuboid: () => this.chosen()?.cuboid ?? null }); // for scripts that drive the viewer
    const hooks = {
      editor: context.editor,
      base: () => this.base,
      chip: () => this.chosen()?.chip ?? "",
      settled: () => this.shown.frame === context.store.getState().frame,
      redraw: () => this.paint.request(),
      reach: () => this.gather(),
    };
    this.panes = [PLANS.top, PLANS.side, PLANS.rear].map((plan) => new SidePane(this.root, plan, hooks));
    this.empty = make("div", this.root, "wl-sides-empty");
    this.frames = new FrameSweeps(context.stream, (shown) => {
      this.shown = shown;
      this.rest();
    });
    this.near = new NearNodes(context.stream.trees, () => {
      this.gather();
      this.paint.request();
    });
    this.ends.push(watchSize(this.root, () => this.resize()));
    this.ends.push(context.store.subscribe((state, before) => this.follow(state, before)));
    this.follow(context.store.getState(), null);
  }

  fit(): void {
    const chosen = this.chosen();
    if (chosen === null) return;
    this.fittedTo = { id: chosen.id, size_m: chosen.cuboid.size_m };
    for (const pane of this.panes) pane.fit(chosen.cuboid.size_m);
    this.gather();
    this.paint.request();
  }

  dispose(): void {
    for (const end of this.ends) end();
    for (const pane of this.panes) pane.dispose();
    this.paint.cancel();
    this.frames.forget();
    this.near.forget();
    this.root.remove();
  }

  private follow(state: State, before: State | null): void {
    const { scene } = state;
    if (scene === null) return;
    if (before !== null && (state.frame !== before.frame || state.selected !== before.selected))
      for (const pane of this.panes) pane.abandon();
    if (before === null || scene !== before.scene || state.frame !== before.frame)
      this.frames.want(scene, state.frame);
    if (
      before === null ||
      state.selected !== before.selected ||
      state.labels !== before.labels ||
      state.merged !== before.merged ||
      state.view.cloud_source !== before.view.cloud_source
    )
      this.rest();
    else if (state.draft !== before.draft) {
      if (state.draft === null) this.rest();
      this.paint.request();
    }
  }

  /** Takes the cuboid's axes anew: at rest, never while a hand drags it. */
  private rest(): void {
    const state = this.context.store.getState();
    if (state.draft !== null && this.base !== null) {
      this.paint.request();
      return;
    }
    const chosen = this.chosen();
    this.base = chosen?.cuboid ?? null;
    if (chosen !== null && this.outgrown(chosen)) this.fit();
    this.gather();
    this.paint.request();
  }

  private outgrown({ id, cuboid }: Present): boolean {
    const before = this.fittedTo;
    if (before?.id !== id) return true;
    return cuboid.size_m.some(
      (side, axis) => Math.abs(side / before.size_m[axis as 0 | 1 | 2] - 1) > REFIT_SHARE,
    );
  }

  private chosen(): Present | null {
    return selectedAt(this.context.store.getState(), this.shown.frame);
  }

  /** Collects the points that any of the views could show. */
  private gather(): void {
    const { scene } = this.context.store.getState();
    this.nearby.clear();
    if (scene === null || this.base === null) return;
    const reach: [number, number, number] = [0, 0, 0];
    for (const axis of [0, 1, 2] as const)
      reach[axis] = Math.max(this.base.size_m[axis] / 2 + 1.2, ...this.panes.map((pane) => pane.reach(axis)));
    const cuboid_from_world = inverse(this.base.pose);
    const state = this.context.store.getState();
    const clouds = treeClouds(state, this.shown.frame);
    const center = this.base.pose.translation_m;
    for (const { sweep, cloud } of this.near.around(clouds, center, Math.hypot(...reach)))
      this.nearby.add(sweep, compose(cuboid_from_world, cloud.world_from_cloud), reach);
    if (isMerged(state)) return;
    scene.lidars.forEach((lidar, n) => {
      if (lidar.has_octree) return;
      const sweep = this.shown.sweeps[n];
      const world_from_sensor = lidar.world_from_sensor[sensorFrame(lidar, this.shown.frame)];
      if (sweep && world_from_sensor)
        this.nearby.add(sweep, compose(cuboid_from_world, world_from_sensor), reach);
    });
  }

  private resize(): void {
    for (const pane of this.panes) pane.resize();
    this.fit();
    this.draw();
  }

  private draw(): void {
    const state = this.context.store.getState();
    const chosen = this.chosen();
    this.empty.style.display = chosen === null || this.base === null ? "" : "none";
    if (chosen === null || this.base === null) {
      this.empty.textContent = this.sentence(state, state.scene);
      return;
    }
    const size_m = state.scene?.classes.find((kind) => kind.name === chosen.class_name)?.size_m ?? null;
    for (const pane of this.panes) pane.draw(this.base, chosen, this.nearby, state.draft !== null, size_m);
    this.panes[1]!.say(`slab ±${(chosen.cuboid.size_m[1] / 2 + 0.35).toFixed(1)} m`);
  }

  private sentence(state: State, scene: Scene | null): string {
    if (scene === null) return "";
    if (scene.lidars.length === 0) return "This scene has no lidar.";
    if (state.selected !== null) return "This object is not in this frame.";
    return "Click an object, or press Tab, to see it from the top, the side and behind.";
  }
}
