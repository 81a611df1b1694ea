/** Small pictures of all cameras, where there are several: the selection on each, one click keeps one shown. */

import type { Editor } from "../../editor/contract";
import { cuboidBox } from "../../space/camera";
import { sensorFrame } from "../../space/clock";
import { inverse, rotate } from "../../space/pose";
import type { CameraSensor, Cuboid, Scene } from "../../state/model";
import type { DataStream } from "../context";
import { make } from "../element";
import { FrameImage, type ShownImage } from "./images";
import { type Area, wholeImage } from "./picture";

interface Tile {
  readonly sensor: CameraSensor;
  readonly button: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
  readonly image: FrameImage;
  shown: ShownImage | null;
}

export interface RigPicture {
  readonly scene: Scene;
  readonly frame: number;
  readonly wanted: string | null;
  readonly shown: string | null;
  readonly selected: Cuboid | null;
  readonly playing: boolean;
}

export class Rig {
  private readonly root: HTMLElement;
  private tiles: Tile[] = [];
  private key = "";
  private picture: RigPicture | null = null;

  constructor(
    parent: HTMLElement,
    private readonly editor: Editor,
    private readonly stream: DataStream,
  ) {
    this.root = make("div", parent, "wl-rig");
    for (const kind of ["pointerdown", "pointermove", "pointerup", "dblclick"] as const)
      this.root.addEventListener(kind, (event) => event.stopPropagation());
  }

  /** The cameras as they are shown: none where there is only one. */
  get order(): readonly CameraSensor[] {
    return this.tiles.map((tile) => tile.sensor);
  }

  /** Shows a frame; while the scene plays the pictures rest, so that it plays smoothly. */
  show(picture: RigPicture): void {
    const { scene, frame, wanted, shown, playing } = picture;
    this.picture = picture;
    const cameras = scene.cameras.length > 1 ? fromLeft(scene.cameras) : [];
    const key = [scene.generation, ...cameras.map((camera) => camera.name)].join("/");
    if (key !== this.key) this.build(cameras);
    this.key = key;
    for (const tile of this.tiles) {
      const { name } = tile.sensor;
      const kept = name === wanted;
      tile.button.ariaPressed = String(kept);
      tile.button.toggleAttribute("data-shown", name === shown);
      tile.button.title = kept ? "Kept shown. Click for the best camera by itself" : `Keep ${name} shown`;
      if (!playing) tile.image.want(tile.sensor, frame, sensorFrame(tile.sensor, frame));
      tile.button.toggleAttribute("data-old", tile.shown !== null && tile.shown.frame !== frame);
      this.draw(tile);
    }
  }

  place(areas: readonly Area[]): void {
    this.tiles.forEach((tile, n) => {
      const { left, top, width, height } = areas[n] ?? { left: 0, top: 0, width: 0, height: 0 };
      tile.button.style.cssText = `left: ${left}px; top: ${top}px; width: ${width}px; height: ${height}px`;
      const ratio = window.devicePixelRatio;
      const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (tile.canvas.width === wide && tile.canvas.height === tall) return;
      [tile.canvas.width, tile.canvas.height] = [wide, tall];
      this.draw(tile);
    });
  }

  forget(): void {
    for (const tile of this.tiles) tile.image.forget();
  }

  private build(cameras: readonly CameraSensor[]): void {
    this.forget();
    this.root.replaceChildren();
    this.tiles = cameras.map((sensor) => {
      const button = make("button", this.root, "wl-rig-tile");
      button.type = "button";
      const canvas = make("canvas", button);
      make("span", button, "", sensor.name);
      button.addEventListener("click", () => {
        const kept = this.picture?.wanted === sensor.name;
        this.editor.changeView({ camera: kept ? null : sensor.name });
      });
      const tile: Tile = {
        sensor,
        button,
        canvas,
        shown: null,
        image: new FrameImage(
          this.stream,
          (shown) => {
            tile.shown = shown;
            tile.button.toggleAttribute("data-old", shown.frame !== this.picture?.frame);
            this.draw(tile);
          },
          "small",
        ),
      };
      return tile;
    });
  }

  private draw({ sensor, canvas, shown }: Tile): void {
    const pen = canvas.getContext("2d");
    const image = shown?.image;
    if (pen === null || canvas.width === 0) return;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (!image || image.width === 0) return;
    const area = { left: 0, top: 0, width: canvas.width, height: canvas.height };
    const pane = wholeImage(area, sensor.width_px, sensor.height_px);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, pane.x, pane.y, sensor.width_px * pane.scale, sensor.height_px * pane.scale);
    const { selected, frame } = this.picture ?? { selected: null, frame: -1 };
    const world_from_camera = sensor.world_from_sensor[shown.own_frame];
    if (selected === null || shown.frame !== frame || sensor.camera === null || !world_from_camera) return;
    const { visible } = cuboidBox(sensor.camera, inverse(world_from_camera), selected);
    if (visible === null) return;
    const [x, y] = [pane.x + visible[0] * pane.scale, pane.y + visible[1] * pane.scale];
    const [wide, tall] = [(visible[2] - visible[0]) * pane.scale, (visible[3] - visible[1]) * pane.scale];
    for (const [color, width] of [
      ["rgba(14, 17, 22, 0.58)", 3.4],
      ["#4c9dff", 1.6],
    ] as const) {
      pen.strokeStyle = color;
      pen.lineWidth = width * window.devicePixelRatio;
      pen.strokeRect(x, y, Math.max(wide, 4), Math.max(tall, 4));
    }
  }
}

/** From the one that looks farthest to the left to the one that looks farthest to the right. */
function fromLeft(cameras: readonly CameraSensor[]): CameraSensor[] {
  const turn = ({ ego_from_sensor }: CameraSensor) => {
    const [x, y] = rotate(ego_from_sensor.rotation_wxyz, [0, 0, 1]);
    return Math.atan2(y, x);
  };
  return [...cameras].sort((a, b) => turn(b) - turn(a));
}
