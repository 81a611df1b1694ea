/** The camera's image with the cuboids on it, and a close-up of the selection with its points. */

import "./camera.css";
import { projectCuboid } from "../../space/camera";
import { sensorFrame } from "../../space/clock";
import { inverse } from "../../space/pose";
import type { Box, State } from "../../state/model";
import type { View, ViewContext } from "../context";
import { make, onDemand, watchSize } from "../element";
import { presentAt, selectedAt, theirsAt } from "../present";
import { Captions } from "./captions";
import { chooseCamera, unseen } from "./choose";
import { FrameImage, type ShownImage } from "./images";
import { ImageMouse, type ImageStage } from "./mouse";
import { ImagePainter } from "./paint";
import {
  type Area,
  closeUp,
  type Drawn,
  drawnIn,
  labelledBoxes,
  overlapOf,
  type Pane,
  type Pixel,
  pointsOn,
  wholeImage,
} from "./picture";
import { Rig } from "./rig";
import { planStrip } from "./strip";

export interface CameraView extends View {
  /** Shows the whole image again. */
  fit(): void;
}

export function createCameraView(element: HTMLElement, context: ViewContext): CameraView {
  return new CameraPanel(element, context);
}

class CameraPanel implements CameraView, ImageStage {
  private readonly root: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly pen: CanvasRenderingContext2D;
  private readonly painter: ImagePainter;
  private readonly captions: Captions;
  private readonly mouse: ImageMouse;
  private readonly rig: Rig;
  private readonly images: FrameImage;
  private readonly paint = onDemand(() => this.draw());
  private readonly ends: (() => void)[] = [];
  private shown: ShownImage | null = null;
  drawn: readonly Drawn[] = [];
  private boxes = new Map<string, Box>();
  private points: readonly number[] = [];
  private theirs: readonly (readonly Pixel[])[] = [];
  private width = 1;
  private height = 1;
  whole: Pane = wholeImage({ left: 0, top: 0, width: 1, height: 1 }, 1, 1);
  pane: Pane = this.whole;
  close: Pane | null = null;
  private beside: Area | null = null;
  private arranged = "";

  constructor(
    element: HTMLElement,
    private readonly context: ViewContext,
  ) {
    this.root = make("div", element, "wl-camera");
    this.canvas = make("canvas", this.root);
    const pen = this.canvas.getContext("2d", { alpha: false });
    if (pen === null) throw new Error("the browser gives no 2D canvas");
    this.pen = pen;
    this.painter = new ImagePainter(pen);
    this.captions = new Captions(this.root);
    this.rig = new Rig(this.root, context.editor, context.stream);
    this.images = new FrameImage(context.stream, (shown) => this.show(shown));
    this.mouse = new ImageMouse(this.root, this, context);
    this.ends.push(watchSize(this.root, (width, height) => this.resize(width, height)));
    this.ends.push(context.store.subscribe((state, before) => this.follow(state, before)));
    this.follow(context.store.getState(), null);
  }

  dispose(): void {
    for (const end of this.ends) end();
    this.mouse.dispose();
    this.paint.cancel();
    this.images.forget();
    this.rig.forget();
    this.root.remove();
  }

  fit(): void {
    this.pane = this.whole;
    this.redraw();
  }

  redraw(): void {
    this.paint.request();
  }

  private follow(state: State, before: State | null): void {
    if (state.scene === null) return;
    const moved = before === null || state.frame !== before.frame || state.scene !== before.scene;
    const chosen =
      before === null || state.selected !== before.selected || state.view.camera !== before.view.camera;
    const drawn = before === null || state.labels !== before.labels || state.draft !== before.draft;
    if (moved || chosen || drawn || state.playing !== before.playing) this.choose(state);
    if (drawn || state.conflict !== before.conflict) this.project();
    else if (chosen) this.project();
    else if (state.hovered !== before.hovered) this.paint.request();
  }

  private choose(state: State): void {
    const { scene, selected, frame } = state;
    if (scene === null) return;
    const cuboid = selected === null ? null : (selectedAt(state, frame)?.cuboid ?? null);
    const sensor = chooseCamera(scene, frame, cuboid, state.view.camera, this.shown?.sensor.name ?? null);
    if (sensor !== null) this.images.want(sensor, frame, sensorFrame(sensor, frame));
    const { playing, view } = state;
    this.rig.show({
      scene,
      frame,
      wanted: view.camera,
      shown: sensor?.name ?? null,
      selected: cuboid,
      playing,
    });
    this.paint.request();
  }

  private show(shown: ShownImage): void {
    this.shown = shown;
    this.project();
  }

  /** Brings the objects of the frame shown onto the image. */
  private project(): void {
    const state = this.context.store.getState();
    const { shown } = this;
    this.paint.request();
    if (shown === null || state.scene === null) return;
    const { sensor, frame, own_frame } = shown;
    const world_from_camera = sensor.world_from_sensor[own_frame];
    this.boxes = labelledBoxes(state, sensor, own_frame, frame);
    this.drawn = [];
    this.theirs = [];
    this.points = [];
    if (sensor.camera === null || world_from_camera === undefined) return;
    this.drawn = drawnIn(sensor.camera, world_from_camera, presentAt(state, frame));
    const [camera, camera_from_world] = [sensor.camera, inverse(world_from_camera)];
    this.theirs = theirsAt(state, frame).flatMap((cuboid) =>
      projectCuboid(camera, camera_from_world, cuboid),
    );
    const chosen = this.chosen();
    if (chosen === undefined) return;
    const found: number[] = [];
    for (const lidar of state.scene.lidars) {
      const lidar_frame = sensorFrame(lidar, frame);
      const sweep = this.context.stream.peek(lidar.name, lidar_frame);
      const world_from_lidar = lidar.world_from_sensor[lidar_frame];
      if (world_from_lidar === undefined) continue;
      if (sweep === null) this.awaitPoints(lidar.name, lidar_frame, shown);
      else
        found.push(
          ...pointsOn(sensor.camera, world_from_camera, chosen.present.cuboid, sweep, world_from_lidar),
        );
    }
    this.points = found;
  }

  private awaitPoints(lidar: string, frame: number, shown: ShownImage): void {
    this.context.stream.points(lidar, frame).then(
      () => {
        if (this.shown === shown) this.project();
      },
      () => {}, // the cloud says what is wrong with a sweep
    );
  }

  private chosen(): Drawn | undefined {
    const { selected } = this.context.store.getState();
    return this.drawn.find((one) => one.present.id === selected);
  }

  private resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio;
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.draw();
  }

  /** The whole image at the left at its true aspect, the rig and the close-up beside it. */
  private arrange(): void {
    const { scene } = this.context.store.getState();
    const sensor = this.shown?.sensor;
    if (sensor === undefined || scene === null) return;
    const rig = this.rig.order.map((camera) => camera.width_px / camera.height_px);
    const { width_px, height_px } = sensor;
    const seen = this.chosen() !== undefined;
    const plan = planStrip(this.width, this.height, width_px / height_px, rig, seen);
    this.rig.place(plan.tiles);
    this.beside = plan.close;
    const key = JSON.stringify([sensor.name, plan.whole]);
    if (key === this.arranged) return;
    this.arranged = key;
    this.whole = wholeImage(plan.whole, width_px, height_px);
    this.pane = this.whole;
  }

  private draw(): void {
    const { pen, shown } = this;
    const state = this.context.store.getState();
    const ratio = this.canvas.width / this.width;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = "#0e1116";
    pen.fillRect(0, 0, this.width, this.height);
    this.place(state);
    const image = shown?.image;
    if (!shown || !image || image.width === 0) return;
    this.root.dataset.frame = String(shown.frame);
    const { selected, hovered } = state;
    const ignored = state.labels.ignore_regions.get(`${shown.sensor.name}/${shown.frame}`) ?? [];
    const bitmap_scale = shown.sensor.width_px / image.width;
    const { drawn, theirs } = this;
    const shared = { image, bitmap_scale, drawn, theirs, selected, hovered, ignored };
    this.painter.paint({
      ...shared,
      pane: this.pane,
      boxes: this.loose(state),
      points: [],
      chips: true,
      close: false,
    });
    if (this.close === null) return;
    const box = selected === null ? undefined : this.boxes.get(selected);
    const boxes = box === undefined ? [] : [{ box, color: "#ffffff", dashed: true }];
    this.painter.paint({
      ...shared,
      pane: this.close,
      boxes,
      points: this.points,
      chips: false,
      close: true,
    });
  }

  /** Boxes of objects that have no cuboid on this image. */
  private loose(state: State): { box: Box; color: string; dashed: boolean }[] {
    const found: { box: Box; color: string; dashed: boolean }[] = [];
    for (const [id, box] of this.boxes) {
      if (this.drawn.some((one) => one.present.id === id)) continue;
      const object = state.labels.objects.get(id);
      const kind = state.scene?.classes.find((known) => known.name === object?.class_name);
      found.push({
        box,
        color: id === state.selected ? "#4c9dff" : (kind?.color ?? "#a0968a"),
        dashed: false,
      });
    }
    return found;
  }

  /** Lays out the close-up and says what is seen. */
  private place(state: State): void {
    this.arrange();
    const { shown, beside } = this;
    const chosen = this.chosen();
    if (shown === null || chosen === undefined || beside === null || beside.width < 40) this.close = null;
    else if (state.draft === null || this.close === null) {
      const { width_px, height_px } = shown.sensor;
      this.close = closeUp(beside, chosen.box, width_px, height_px);
    }
    const box = state.selected === null ? undefined : this.boxes.get(state.selected);
    this.captions.say({
      shown,
      kept: state.view.camera !== null && state.scene !== null && state.scene.cameras.length > 1,
      left: beside?.left ?? 0,
      bottom: this.whole.top + this.whole.height,
      close:
        this.close === null || chosen === undefined
          ? null
          : { chip: chosen.present.chip, scale: this.close.scale },
      overlap: box === undefined || chosen === undefined ? null : overlapOf(box, chosen.box),
      note: chosen === undefined && shown?.sensor.camera ? unseen(state) : "",
    });
  }
}
