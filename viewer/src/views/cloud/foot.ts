/** The readout at the lower left of the cloud and the colour ramp at its lower right. */

import type { ColorMode } from "../../state/model";
import { make } from "../element";
import { counted, signed } from "../format";

export interface Readout {
  readonly points: number;
  readonly lidars: readonly string[];
  readonly objects: number;
  /** The name of the selected object while it is not in the view. */
  readonly beside: string | null;
  readonly error: string | null;
}

const plural = (count: number, one: string) => `${counted(count)} ${one}${count === 1 ? "" : "s"}`;

/** A number of a field: whole ones as they are, others with four figures. */
const plainNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

export class Foot {
  private readonly left: HTMLElement;
  private readonly right: HTMLElement;
  private said = "";
  private legend = "";

  constructor(parent: HTMLElement) {
    this.left = make("div", parent, "wl-foot wl-foot-left");
    this.right = make("div", parent, "wl-foot wl-foot-right");
  }

  say({ points, lidars, objects, beside, error }: Readout): void {
    const parts = [plural(points, "point"), lidars.join(" + "), plural(lidars.length, "sweep")];
    parts.push(plural(objects, "object"));
    if (beside !== null) parts.push(`${beside} is out of view: F brings it here`);
    const text = (lidars.length === 0 ? ["no lidar in this scene"] : parts).join("|") + (error ?? "");
    if (text === this.said) return;
    this.said = text;
    this.left.replaceChildren();
    for (const part of lidars.length === 0 ? ["no lidar in this scene"] : parts)
      make("span", this.left, "", part);
    if (error !== null) make("span", this.left, "wl-error", `✕ ${error}`);
  }

  /** `field_ends` are those of the field that `mode` names, null where it has none to show. */
  ramp(
    mode: ColorMode,
    farthest_m: number,
    heights_m: readonly [number, number],
    field_ends: readonly [number, number] | null,
  ): void {
    const key = `${mode}/${farthest_m}/${heights_m}/${field_ends}`;
    if (key === this.legend) return;
    this.legend = key;
    this.right.replaceChildren();
    this.right.style.display =
      mode === "image" || (mode.startsWith("field:") && field_ends === null) ? "none" : "";
    const [low, high] = field_ends?.map(plainNumber) ?? this.ends(mode, farthest_m, heights_m);
    make("span", this.right, "", low ?? "");
    make("i", this.right).style.background =
      mode === "intensity"
        ? "linear-gradient(90deg, #2a323c, #eef2f8)"
        : "linear-gradient(90deg, var(--ramp-0), var(--ramp-1), var(--ramp-2), var(--ramp-3), var(--ramp-4))";
    make("span", this.right, "", high ?? "");
  }

  private ends(mode: ColorMode, farthest_m: number, heights_m: readonly [number, number]): [string, string] {
    if (mode === "intensity") return ["dim", "bright"];
    if (mode === "distance") return ["0 m", `${counted(farthest_m)} m`];
    const digits = heights_m[1] < 1 ? 2 : heights_m[1] < 100 ? 1 : 0;
    return [`${signed(heights_m[0], digits)} m`, `${signed(heights_m[1], digits)} m`];
  }
}
