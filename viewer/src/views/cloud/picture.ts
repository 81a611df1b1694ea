/** What three.js draws of the cloud: points through the eye-dome pass, then the lines over them. */

import { Scene as Stagecraft, WebGLRenderer } from "three";
import { sensorFrame } from "../../space/axes";
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
  private readonly points = new Stagecraft();
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

  /** Makes room for the largest sweep of every lidar. */
  open(scene: Scene): void {
    this.close();
    this.sweeps = scene.lidars.map((lidar) => {
      const counts = new Map<number, number>();
      for (const block of lidar.blocks) counts.set(block.frame, (counts.get(block.frame) ?? 0) + block.count);
      const largest = [...counts.values()].reduce((most, count) => Math.max(most, count), 1);
      const made = new SweepPoints(this.look, largest, lidar.has_intensity);
      this.points.add(made.points);
      return made;
    });
  }

  show(scene: Scene, shown: Shown, stage_from_world: Pose): void {
    this.sweeps.forEach((sweep, n) => {
      const lidar = scene.lidars[n]!;
      const world_from_sensor = lidar.world_from_sensor[sensorFrame(scene, lidar, shown.frame)];
      if (world_from_sensor !== undefined) sweep.place(compose(stage_from_world, world_from_sensor));
      sweep.show(shown.sweeps[n] ?? null);
    });
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(2, window.devicePixelRatio);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(width, height);
    this.dome.resize(width, height, ratio);
  }

  draw(eye: Eye, lit: boolean): void {
    this.boxes.resize(eye.width, eye.height, eye.near_m);
    this.dome.draw(this.renderer, this.points, eye.camera, lit);
    this.renderer.render(this.lines, eye.camera);
  }

  dispose(): void {
    this.close();
    this.boxes.dispose();
    this.dome.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private close(): void {
    for (const sweep of this.sweeps) sweep.dispose();
    this.points.clear();
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
