/** The point cloud with its objects: three.js, drawn when something changed and never otherwise. */

import "./cloud.css";
import { stageAt } from "../../space/axes";
import { movedCuboid } from "../../space/cuboid";
import { apply, IDENTITY, inverse } from "../../space/pose";
import type { Cuboid, Pose, Scene, State, Vec3 } from "../../state/model";
import { viewMeters } from "../../stream/meter";
import type { View, ViewContext } from "../context";
import { make, onDemand, watchSize } from "../element";
import { presentAt, theirsAt } from "../present";
import { isMerged, treeClouds } from "../sources";
import { FrameSweeps, type Shown } from "../sweeps";
import { type Staged, staged } from "./boxes";
import { PointColors } from "./colors";
import { Eye } from "./eye";
import { Foot } from "./foot";
import { handlesOf } from "./grip";
import { Hands, type Stage } from "./hands";
import { groundLevel, RAMP_M, type Surroundings, surroundingsOf } from "./levels";
import { LodCloud } from "./lodcloud";
import { Marks } from "./marks";
import { fitted } from "./orbit";
import { CloudPicture } from "./picture";
import { Ride } from "./ride";
import { groundAmong, pointAmong } from "./surface";

export interface CloudView extends View {
  /** Brings the selection, or else the road ahead, into view. */
  fit(): void;
  /** Where a point of the world is on the page, CSS pixels; null when it is not in the view. */
  pixelOf(point_m: Vec3): { x: number; y: number } | null;
}

const GROUND_GUESS_M = -1.7;
const REACH_PX = 9;
const NOWHERE = { x: 0, y: 0, away_m: 0, ok: false };

export function createCloudView(element: HTMLElement, context: ViewContext): CloudView {
  return new Cloud(element, context);
}

class Cloud implements CloudView, Stage {
  readonly eye = new Eye(GROUND_GUESS_M);
  world_from_stage: Pose = IDENTITY;
  items: Staged[] = [];
  ground_m = GROUND_GUESS_M;
  private scene: Scene | null = null;
  private shown: Shown = { frame: -1, sweeps: [], error: null };
  private readonly ride = new Ride();
  private grounded = false;
  /** What is looked at from outside; null on a street, where the eye starts with the ego. */
  private outside: Surroundings | null = null;
  private ramp_m: readonly [number, number] = RAMP_M;
  private readonly root: HTMLElement;
  private readonly picture: CloudPicture;
  private readonly marks: Marks;
  private readonly foot: Foot;
  private readonly hands: Hands;
  private readonly lod: LodCloud;
  private readonly frames: FrameSweeps;
  private readonly colors: PointColors;
  private readonly paint = onDemand(() => this.draw());
  private readonly ends: (() => void)[] = [];

  constructor(
    element: HTMLElement,
    private readonly context: ViewContext,
  ) {
    this.root = make("div", element, "wl-cloud");
    Object.assign(this.root, { pixelOf: (point_m: Vec3) => this.pixelOf(point_m) }); // for scripts that drive the viewer
    this.picture = new CloudPicture(this.root);
    this.marks = new Marks(this.root, this.eye);
    this.foot = new Foot(this.root);
    this.lod = new LodCloud(context.stream.trees, this.picture.points, this.picture.look, () =>
      this.redraw(),
    );
    this.frames = new FrameSweeps(context.stream, (shown) => this.show(shown));
    this.colors = new PointColors(context.stream, this.picture, this.lod, () => this.redraw());
    this.hands = new Hands(this.root, this, context);
    this.picture.renderer.domElement.addEventListener("webglcontextrestored", () => this.redraw());
    this.ends.push(watchSize(this.root, (width, height) => this.resize(width, height)));
    this.ends.push(context.store.subscribe((state, before) => this.follow(state, before)));
    this.follow(context.store.getState(), null);
  }

  get settled(): boolean {
    return this.shown.frame === this.context.store.getState().frame;
  }

  get is_map(): boolean {
    return this.outside !== null && (this.scene?.lidars.some((lidar) => lidar.has_octree) ?? false);
  }

  redraw(): void {
    this.paint.request();
  }

  fit(): void {
    const chosen = this.chosen();
    if (chosen === undefined) this.eye.restart(this.ground_m, this.outside);
    else {
      const radius = Math.hypot(...chosen.cuboid.size_m) / 2;
      const { orbit, flat, nearest_m } = this.eye;
      this.eye.orbit = fitted(orbit, chosen.cuboid.pose.translation_m, radius, flat, nearest_m);
    }
    this.eye.update();
    this.redraw();
  }

  pixelOf(point_m: Vec3): { x: number; y: number } | null {
    const { x, y, ok } = this.eye.project(...apply(inverse(this.world_from_stage), point_m), { ...NOWHERE });
    if (!ok || x < 0 || y < 0 || x > this.eye.width || y > this.eye.height) return null;
    const box = this.root.getBoundingClientRect();
    return { x: box.left + x, y: box.top + y };
  }

  pointAt(x: number, y: number): Vec3 | null {
    const among = [...this.picture.visible, ...this.lod.near(this.eye, x, y, REACH_PX)];
    return pointAmong(this.eye, x, y, among, REACH_PX, this.picture.look.levels);
  }

  groundUnder(place: Vec3): number {
    return groundAmong([...this.picture.visible, ...this.lod.over(place)], place, this.ground_m, this.is_map);
  }

  /** Which octrees there are to draw now. */
  private plant(): void {
    const state = this.context.store.getState();
    if (state.scene === null) return;
    this.picture.reveal(state.scene, !isMerged(state));
    this.lod.show(treeClouds(state, this.shown.frame), inverse(this.world_from_stage));
  }

  dispose(): void {
    for (const end of this.ends) end();
    this.lod.dispose();
    this.hands.dispose();
    this.paint.cancel();
    this.frames.forget();
    this.picture.dispose();
    this.root.remove();
  }

  private follow(state: State, before: State | null): void {
    const { scene } = state;
    if (scene === null) return;
    if (scene.name !== this.scene?.name || scene.lidars.length !== this.scene.lidars.length) {
      this.picture.open(scene);
      this.grounded = false;
    }
    const news = scene !== this.scene || before === null;
    this.scene = scene;
    if (before !== null && (state.frame !== before.frame || state.selected !== before.selected))
      this.hands.abandon();
    const { shown } = this;
    if (news || state.frame !== before.frame) this.frames.want(scene, state.frame);
    const isPlaced = this.shown !== shown; // the points of the frame were at hand
    if (news || state.view !== before.view) this.adjust(state);
    const turned = before !== null && state.view.cloud_view !== before.view.cloud_view;
    const moved = news || turned || state.labels !== before.labels || state.draft !== before.draft;
    if (moved || state.merged !== before?.merged || state.view !== before?.view) this.plant();
    if (state.merged !== before?.merged) this.colorPoints();
    if (isPlaced) return;
    // A frame whose points are still to come changes nothing here yet: a drawing now would only hold them up.
    if (moved || state.selected !== before.selected) this.place();
    else if (
      state.hovered !== before.hovered ||
      state.tool !== before.tool ||
      state.conflict !== before.conflict
    )
      this.write();
  }

  /** Takes the settings of the view. */
  private adjust({ view }: State): void {
    this.eye.view = view.cloud_view;
    if (view.cloud_view !== "follow") this.ride.end();
    this.picture.look.size(view.point_size, this.picture.ratio, this.eye.flat, this.is_map);
    const { clip, heights, farthest } = this.picture.look.uniforms;
    const ramp_m = this.outside === null ? RAMP_M : ([0, this.outside.high[2] - this.ground_m] as const);
    clip.value.set(this.ground_m + (view.clip_low_m ?? -1e6), this.ground_m + (view.clip_high_m ?? 1e6));
    heights.value.set(this.ground_m + ramp_m[0], this.ground_m + ramp_m[1]);
    farthest.value = this.outside === null ? 70 : this.eye.radius_m;
    this.ramp_m = ramp_m;
    this.eye.update();
    this.colorPoints();
    this.redraw();
  }

  private colorPoints(): void {
    const { shown } = this;
    this.colors.want(this.context.store.getState(), shown, () => this.shown === shown);
  }

  /** New points are at hand: they, the stage and the boxes change together. */
  private show(shown: Shown): void {
    const { scene } = this;
    if (scene === null) return;
    const start = performance.now();
    this.shown = shown;
    this.world_from_stage = stageAt(scene, shown.frame);
    const stage_from_world = inverse(this.world_from_stage);
    this.picture.show(scene, shown, stage_from_world);
    if (!this.grounded) this.findGround();
    this.plant();
    this.colorPoints();
    this.place();
    viewMeters.buffers.note(performance.now() - start);
  }

  private findGround(): void {
    const { sweep, stage_from_sensor } = this.picture.sweeps.find(({ sweep }) => sweep !== null) ?? {};
    if (sweep == null || stage_from_sensor == null) return;
    this.grounded = true;
    const found = surroundingsOf(sweep.xyz, sweep.count, stage_from_sensor);
    this.outside = found?.around === false ? found : null;
    this.ground_m =
      this.outside?.low[2] ?? groundLevel(sweep.xyz, sweep.count, stage_from_sensor) ?? GROUND_GUESS_M;
    this.eye.restart(this.ground_m, this.outside);
    this.picture.boxes.ring(this.outside === null ? this.ground_m : null);
    this.adjust(this.context.store.getState());
  }

  /** Brings the objects onto the stage. */
  private place(): void {
    const stage_from_world = inverse(this.world_from_stage);
    const state = this.context.store.getState();
    this.items = presentAt(state, this.shown.frame).map((present) =>
      staged(present, movedCuboid(stage_from_world, present.cuboid)),
    );
    this.picture.look.beginBoxes();
    const first = ({ present, cuboid }: Staged) =>
      present.id === state.selected ? -1 : Math.hypot(...cuboid.pose.translation_m);
    const ranked = this.items.map((item) => ({ item, rank: first(item) })).sort((a, b) => a.rank - b.rank);
    for (const { present, cuboid } of ranked.map(({ item }) => item)) {
      if (present.id === state.selected) this.picture.look.addBox(cuboid, [0.93, 0.95, 0.98], 0.92);
      else this.picture.look.addBox(cuboid, present.rgb, 0.62);
    }
    if (state.view.cloud_view === "follow" && !this.hands?.dragging && state.draft === null)
      this.ride.on(this.eye, this.chosen(), this.ground_m);
    this.write();
  }

  private write(): void {
    const state = this.context.store.getState();
    const stage_from_world = inverse(this.world_from_stage);
    const theirs = theirsAt(state, this.shown.frame).map((cuboid) => movedCuboid(stage_from_world, cuboid));
    const sketch = this.hands?.sketch ?? null;
    this.picture.boxes.write(this.items, state.selected, state.hovered, sketch, theirs);
    this.redraw();
  }

  private chosen(): Staged | undefined {
    const { selected } = this.context.store.getState();
    return this.items.find((item) => item.present.id === selected);
  }

  private resize(width: number, height: number): void {
    if (width === 0 || height === 0) return;
    this.picture.resize(width, height);
    this.eye.resize(width, height);
    this.adjust(this.context.store.getState());
    this.draw();
  }

  private draw(): void {
    const { view, selected, hovered, tool } = this.context.store.getState();
    const sketch: Cuboid | null = this.hands.sketch;
    if (sketch !== null) this.write();
    const start = performance.now();
    this.lod.update(this.eye, view.point_budget);
    viewMeters.calls.note(this.picture.draw(this.eye, view.eye_dome));
    viewMeters.draw.note(performance.now() - start);
    const farthest_m = this.picture.look.uniforms.farthest.value;
    this.foot.ramp(this.colors.mode, farthest_m, this.ramp_m, this.colors.ends);
    const chosen = this.chosen();
    this.marks.begin();
    if (chosen !== undefined) this.marks.reserve(chosen);
    this.marks.chips(this.items, selected, hovered, view.show_labels);
    if (this.outside === null) this.marks.ranges(this.ground_m);
    if (chosen !== undefined && tool === "select") this.marks.handles(handlesOf(this.eye, chosen.cuboid));
    const { cursor, measure } = this.hands;
    if (cursor !== null && measure !== null) this.marks.measure(cursor.x, cursor.y, measure);
    if (cursor !== null && tool === "click_fit" && !this.hands.dragging) this.aim(cursor);
    this.marks.finish();
    this.foot.say({
      points: this.picture.count + this.lod.progress.points,
      lidars: this.scene?.lidars.map((lidar) => lidar.name) ?? [],
      objects: this.items.length,
      beside: chosen !== undefined && !this.marks.named(chosen) ? chosen.present.chip : null,
      error: this.shown.error,
    });
    this.root.dataset.frame = String(this.shown.frame);
    this.root.dataset.sharp = String(this.lod.progress.is_whole);
  }

  /** Shows which point a click would take. */
  private aim({ x, y }: { x: number; y: number }): void {
    const point = this.pointAt(x, y);
    if (point === null) return;
    const spot = this.eye.project(...point, { ...NOWHERE });
    this.marks.circle(spot.x, spot.y);
  }
}
