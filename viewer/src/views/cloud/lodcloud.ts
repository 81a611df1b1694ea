/** Octrees on the stage: the nodes that the eye asks for, drawn as they come, coarse ones first. */

import type { Scene as Stagecraft } from "three";
import { apply } from "../../space/pose";
import type { Pose, Vec3 } from "../../state/model";
import { asPartOf } from "../../stream/fields";
import type { Tree, TreeField, Trees, Wanted, WantedField } from "../../stream/octree";
import type { Sweep } from "../context";
import type { TreeCloud } from "../sources";
import type { Eye } from "./eye";
import { chooseNodes, type Sight } from "./lod";
import { type PointLook, SweepPoints } from "./points";

/** Points that are handed to the GPU between two pictures. */
const MOST_NEW_POINTS = 300_000;

interface Drawn extends Wanted {
  readonly sprites: SweepPoints;
  /** Middle of the node's cube on the stage, and how far its corners are from it. */
  center: Vec3;
  readonly radius_m: number;
  /** The field that colours it. */
  field: string | null;
}

export interface Progress {
  readonly points: number;
  readonly is_whole: boolean;
}

export class LodCloud {
  progress: Progress = { points: 0, is_whole: true };
  private readonly drawn = new Map<string, Drawn>();
  private clouds: readonly TreeCloud[] = [];
  /** Ends of the ramp of the field that colours are of; null where there is none, or they are colours themselves. */
  ends: readonly [number, number] | null = null;
  private field: string | null = null;
  private placed = "";
  private stage_from_world: Pose | null = null;
  private readonly end: () => void;

  constructor(
    private readonly trees: Trees,
    private readonly stagecraft: Stagecraft,
    private readonly look: PointLook,
    private readonly redraw: () => void,
  ) {
    this.end = trees.onArrival(redraw);
  }

  /** Shows these clouds from now on. */
  show(clouds: readonly TreeCloud[], stage_from_world: Pose): void {
    this.clouds = clouds;
    this.stage_from_world = stage_from_world;
    for (const { source } of clouds)
      if (this.trees.find(source) === null) this.trees.open(source).catch(() => undefined); // asked again with the next frame
    this.redraw();
  }

  /** Colours what is drawn by a field of its points from now on; null: by none. */
  color(field: string | null): void {
    if (field === this.field) return;
    this.field = field;
    this.ends = null;
    this.redraw();
  }

  get isEmpty(): boolean {
    return this.clouds.length === 0;
  }

  /** Those that may hold a point above or under a place of the stage. */
  over([x, y]: Vec3): readonly SweepPoints[] {
    return [...this.drawn.values()]
      .filter(({ center, radius_m }) => Math.hypot(center[0] - x, center[1] - y) <= radius_m + 1)
      .map(({ sprites }) => sprites);
  }

  /** Those that may hold a point near a pixel. */
  near(eye: Eye, x: number, y: number, reach_px: number): readonly SweepPoints[] {
    const ray = eye.ray(x, y);
    const found: SweepPoints[] = [];
    for (const { sprites, center, radius_m } of this.drawn.values()) {
      const to = [0, 1, 2].map((axis) => center[axis as 0 | 1 | 2] - ray.origin[axis as 0 | 1 | 2]);
      const along = to[0]! * ray.direction[0] + to[1]! * ray.direction[1] + to[2]! * ray.direction[2];
      const off = Math.sqrt(Math.max(0, Math.hypot(...to) ** 2 - along ** 2));
      const px_m = eye.flat ? eye.metersPerPixel : pixelAt(eye) * Math.max(along + radius_m, 0);
      if (off <= radius_m + reach_px * px_m) found.push(sprites);
    }
    return found;
  }

  /** Chooses, asks for and shows nodes for what the eye sees now. */
  update(eye: Eye, budget: number): void {
    const wanted: Wanted[] = [];
    const kept = new Set<string>();
    let [points, fresh, missing] = [0, 0, 0];
    const sight: Sight = {
      clip: eye.clip,
      height: eye.height,
      flat: eye.flat,
      pixel_m: eye.flat ? eye.metersPerPixel : pixelAt(eye),
    };
    this.place();
    for (const cloud of this.clouds) {
      const tree = this.trees.find(cloud.source);
      if (tree === null || this.stage_from_world === null) {
        missing += 1;
        continue;
      }
      const stage_from_cloud = cloud.stageFrom(this.stage_from_world);
      const centerOf = (node: { readonly center_m: Vec3 }) => apply(stage_from_cloud, node.center_m);
      for (const { node } of chooseNodes(tree.nodes, sight, centerOf, budget / this.clouds.length)) {
        const key = `${tree.key}#${node}`;
        wanted.push({ tree, node });
        const { count } = tree.nodes[node]!.block;
        const sprites = this.drawn.get(key);
        const sweep = sprites ? null : this.trees.peek({ tree, node });
        if (sprites === undefined && (sweep === null || fresh > MOST_NEW_POINTS)) {
          missing += count > 0 ? 1 : 0;
          continue;
        }
        kept.add(key);
        points += count;
        if (sweep === null || count === 0) continue;
        fresh += count;
        this.add(key, tree, node, this.evenly(sweep, tree), cloud, stage_from_cloud);
      }
    }
    for (const [key, each] of this.drawn)
      if (!kept.has(key)) {
        this.stagecraft.remove(each.sprites.points);
        each.sprites.dispose();
        this.drawn.delete(key);
      }
    if (!this.isEmpty) this.trees.want(wanted);
    missing += this.paint(wanted);
    if (fresh > MOST_NEW_POINTS) this.redraw();
    this.progress = { points, is_whole: missing === 0 };
  }

  /** Gives the nodes drawn their field's values as far as they are at hand; returns how many lack theirs. */
  private paint(wanted: readonly Wanted[]): number {
    let [missing, fresh] = [0, 0];
    const asked: WantedField[] = [];
    for (const { tree, node } of wanted) {
      const drawn = this.drawn.get(`${tree.key}#${node}`);
      if (drawn === undefined) continue;
      const field = this.fieldOf(tree);
      if (field !== null) asked.push({ tree, node, field });
      if (drawn.field === (field?.name ?? null)) continue;
      drawn.sprites.color(null);
      drawn.field = null;
      if (field === null) continue;
      const whole = this.trees.peekField({ tree, node: 0, field });
      const values = this.trees.peekField({ tree, node, field });
      if (whole === null || values === null || fresh > MOST_NEW_POINTS) {
        missing += 1;
        continue;
      }
      drawn.sprites.color(asPartOf(values, whole));
      drawn.field = field.name;
      fresh += values.count;
      if (whole.components === 1) this.ends = [whole.range[0] + whole.base, whole.range[1] + whole.base];
    }
    this.trees.wantFields(asked);
    if (fresh > MOST_NEW_POINTS) this.redraw();
    return missing;
  }

  private fieldOf(tree: Tree): TreeField | null {
    if (this.field === null) return null;
    const cloud = this.clouds.find(({ source }) => this.trees.find(source) === tree);
    const found = cloud?.fields.find(({ name }) => name === this.field);
    return found === undefined || found.type === null ? null : { name: found.name, type: found.type };
  }

  dispose(): void {
    this.end();
    for (const { sprites } of this.drawn.values()) sprites.dispose();
    this.drawn.clear();
    this.trees.want([]);
  }

  /** Brings what is drawn to where its cloud stands now. */
  private place(): void {
    if (this.stage_from_world === null) return;
    const poses = this.clouds.map((cloud) => cloud.stageFrom(this.stage_from_world!));
    const placed = JSON.stringify(poses);
    if (placed === this.placed) return;
    this.placed = placed;
    this.clouds.forEach((cloud, n) => {
      for (const each of this.drawn.values())
        if (each.tree === this.trees.find(cloud.source)) {
          each.sprites.place(poses[n]!);
          each.center = apply(poses[n]!, each.tree.nodes[each.node]!.center_m);
        }
    });
  }

  private add(key: string, tree: Tree, node: number, sweep: Sweep, cloud: TreeCloud, pose: Pose): void {
    const sprites = new SweepPoints(this.look, Math.max(sweep.count, 1), cloud.has_intensity);
    sprites.place(pose);
    sprites.show(sweep);
    this.stagecraft.add(sprites.points);
    const { center_m, half_m } = tree.nodes[node]!;
    this.drawn.set(key, {
      tree,
      node,
      sprites,
      center: apply(pose, center_m),
      radius_m: half_m * Math.sqrt(3),
      field: null,
    });
  }

  /** All nodes as bright as the root is: else the edges of the cubes would show. */
  private evenly(sweep: Sweep, tree: Tree): Sweep {
    const root = this.trees.peek({ tree, node: 0 });
    return root === null ? sweep : { ...sweep, common: root.common };
  }
}

/** Metres a pixel spans one metre away. */
const pixelAt = (eye: Eye): number => eye.metersPerPixel / eye.orbit.distance_m;
