/** What is written over the images: which camera, how near, how well box and cuboid agree. */

import { make } from "../element";
import type { ShownImage } from "./images";

export interface Caption {
  readonly shown: ShownImage | null;
  /** Whether the user keeps this camera shown. */
  readonly kept: boolean;
  /** Where the close-up begins, CSS px. */
  readonly left: number;
  /** Where the image ends below. */
  readonly bottom: number;
  readonly close: { readonly chip: string; readonly scale: number } | null;
  /** Of the labelled box and the projected cuboid. */
  readonly overlap: number | null;
  /** Why the selection is not seen; empty when it is, or there is none. */
  readonly note: string;
}

export class Captions {
  private readonly name: HTMLElement;
  private readonly zoom: HTMLElement;
  private readonly overlap: HTMLElement;
  private readonly note: HTMLElement;
  private said = "";

  constructor(parent: HTMLElement) {
    this.name = make("div", parent, "wl-camera-tag");
    this.zoom = make("div", parent, "wl-camera-tag");
    this.overlap = make("div", parent, "wl-camera-tag wl-camera-tag-low");
    this.note = make("div", parent, "wl-camera-note");
  }

  say({ shown, kept, left, bottom, close, overlap, note }: Caption): void {
    const { sensor, error } = shown ?? { sensor: null, error: null };
    const said = JSON.stringify([sensor?.name, error, kept, left, bottom, close, overlap, note]);
    if (said === this.said) return;
    this.said = said;
    this.name.replaceChildren();
    if (sensor !== null) {
      make("b", this.name, "", sensor.name);
      make("span", this.name, "", `${sensor.width_px} × ${sensor.height_px}`);
      if (kept) make("span", this.name, "", "kept");
    }
    if (error !== null) make("span", this.name, "wl-error", `✕ ${error}`);
    this.name.style.display = sensor === null ? "none" : "";
    this.zoom.replaceChildren();
    if (close !== null) {
      make("b", this.zoom, "", close.chip);
      make("span", this.zoom, "", `${close.scale.toFixed(1)}× zoom`);
    }
    this.zoom.style.cssText = close === null ? "display: none" : `left: ${left}px`;
    this.overlap.style.cssText = close === null || overlap === null ? "display: none" : `left: ${left}px`;
    this.overlap.textContent = `2D box, overlap ${overlap?.toFixed(3) ?? ""}`;
    this.note.style.cssText = note === "" ? "display: none" : `top: ${bottom - 22}px`;
    this.note.textContent = note;
  }
}
