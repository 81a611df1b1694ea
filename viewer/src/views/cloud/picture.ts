/** What three.js draws of the cloud: points through the eye-dome pass, then the lines over them. */

import { Scene as Stagecraft, WebGLRenderer } from "three";
import { sensorFrame } from "../../space/clock";
import { compose } from "../../space/pose";
import type { Pose, Scene } from "../../state/model";
import { rgb, token } from "../element";
import type { Shown } from "../sweeps";
import { Boxes } from "./boxes";
import type { Eye } from "./eye";
import { EyeDome } from "./eyedome";
import { PointLook, SweepPoints } from "./points";

const RAMP = ["#3c5782", "#327587", "#2e9286", "#43ae7a", "#7bc861"];

export class CloudPicture {
  readonly renderer: WebGLRenderer;
  readonly look: PointLook;
  readonly boxes: Boxes;
  sweeps: readonly SweepPoints[] = [];
  private readonly dome: EyeDome;
  readonly points = new Stagecraft();
  private readonly lines = new Stagecraft();

  constructor(parent: HTMLElement) {
    this.renderer = openRenderer();
    this.renderer.autoClear = false;
    parent.append(this.renderer.domElement);
    const color = (name: string, fallback: string) => rgb(token(name, fallback));
    this.look = new PointLook(RAMP.map((fallback, n) => color(`--ramp-${n}`, fallback)));
    this.dome = new EyeDome(color("--ground", "#0e1116"));
    this.boxes = new Boxes({ select: color("--select", "#4c9dff"), ring: color("--text-2", "#a9b4c2") });
    this.lines.add(this.boxes.group);
  }

  get ratio(): number {
    return this.renderer.getPixelRatio();
  }

  /** Makes room for a sweep of every lidar; a larger one makes more by itself. */
  open(scene: Scene): void {
    this.close();
    this.sweeps = scene.lidars.map((lidar) => {
      const made = new SweepPoints(this.look, Math.max(lidar.points_per_block, 1), lidar.has_intensity);
      this.points.add(made.points);
      return made;
    });
  }

  show(scene: Scene, shown: Shown, stage_from_world: Pose): void {
    this.sweeps.forEach((sweep, n) => {
      const lidar = scene.lidars[n]!;
      const world_from_sensor = lidar.world_from_sensor[sensorFrame(lidar, shown.frame)];
      if (world_from_sensor !== undefined) sweep.place(compose(stage_from_world, world_from_sensor));
      sweep.show(shown.sweeps[n] ?? null);
    });
  }

  /** The frame's own points that are shown. */
  get visible(): readonly SweepPoints[] {
    return this.sweeps.filter(({ points }) => points.visible);
  }

  get count(): number {
    return this.visible.reduce((sum, { sweep }) => sum + (sweep?.count ?? 0), 0);
  }

  /** Shows the frame's own points, but for those of maps, which octrees show; or none of them. */
  reveal(scene: Scene, own: boolean): void {
    this.sweeps.forEach((sweep, n) => {
      sweep.points.visible = own && scene.lidars[n]?.has_octree === false;
    });
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(2, window.devicePixelRatio);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height);
    this.dome.resize(width, height, ratio);
  }

  /** Draws; returns in how many calls. */
  draw(eye: Eye, lit: boolean): number {
    const { info } = this.renderer;
    info.autoReset = false;
    info.reset();
    this.boxes.resize(eye.width, eye.height, eye.near_m);
    this.dome.draw(this.renderer, this.points, eye.camera, lit);
    this.renderer.render(this.lines, eye.camera);
    return info.render.calls;
  }

  dispose(): void {
    this.close();
    this.boxes.dispose();
    this.dome.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private close(): void {
    for (const sweep of this.sweeps) {
      sweep.dispose();
      this.points.remove(sweep.points);
    }
    this.sweeps = [];
  }
}

function openRenderer(): WebGLRenderer {
  try {
    return new WebGLRenderer({ antialias: false, powerPreference: "high-performance" });
  } catch (cause) {
    throw new Error("this browser gives no WebGL 2; turn hardware acceleration on", { cause });
  }
}
