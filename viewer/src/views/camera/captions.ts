/** What is written over the images: which camera, how near, how well box and cuboid agree. */

import { make } from "../element";
import type { ShownImage } from "./images";

export interface Caption {
  readonly shown: ShownImage | null;
  /** Where the close-up is parted off, CSS px; null without one. */
  readonly split: number | null;
  readonly left: number;
  readonly close: { readonly chip: string; readonly scale: number } | null;
  /** Of the labelled box and the projected cuboid. */
  readonly overlap: number | null;
  /** Why there is no close-up. */
  readonly hint: string;
}

export class Captions {
  private readonly split: HTMLElement;
  private readonly name: HTMLElement;
  private readonly zoom: HTMLElement;
  private readonly overlap: HTMLElement;
  private readonly hint: HTMLElement;
  private said = "";

  constructor(parent: HTMLElement) {
    this.split = make("div", parent, "wl-camera-split");
    this.name = make("div", parent, "wl-camera-tag");
    this.zoom = make("div", parent, "wl-camera-tag");
    this.overlap = make("div", parent, "wl-camera-tag wl-camera-tag-low");
    this.hint = make("div", parent, "wl-camera-hint");
  }

  say({ shown, split, left, close, overlap, hint }: Caption): void {
    const { sensor, error } = shown ?? { sensor: null, error: null };
    const said = JSON.stringify([sensor?.name, error, split, left, close, overlap, hint]);
    if (said === this.said) return;
    this.said = said;
    this.name.replaceChildren();
    if (sensor !== null) {
      make("b", this.name, "", sensor.name);
      make("span", this.name, "", `${sensor.width_px} × ${sensor.height_px}`);
    }
    if (error !== null) make("span", this.name, "wl-error", `✕ ${error}`);
    this.name.style.display = sensor === null ? "none" : "";
    this.split.style.cssText = split === null ? "display: none" : `left: ${split}px`;
    this.zoom.replaceChildren();
    if (close !== null) {
      make("b", this.zoom, "", close.chip);
      make("span", this.zoom, "", `${close.scale.toFixed(1)}× zoom`);
    }
    this.zoom.style.cssText = close === null ? "display: none" : `left: ${left}px`;
    this.overlap.style.cssText = close === null || overlap === null ? "display: none" : `left: ${left}px`;
    this.overlap.textContent = `2D box, overlap ${overlap?.toFixed(3) ?? ""}`;
    this.hint.style.cssText =
      split === null || close !== null ? "display: none" : `left: ${left}px; right: 0`;
    this.hint.textContent = hint;
  }
}
