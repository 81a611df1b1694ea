import { describe, expect, it } from "vitest";
import type { ColorMode, MergedCloud, State } from "../state/model";
import { initialState } from "../state/store";
import { modesOf, openingView, shownMode } from "./modes";

const USUAL = initialState.view.color_mode;
const INTENSITY = { name: "intensity", type: "uint16" };
const RGB = { name: "rgb", type: "uint16[3]" };

const sceneOf = (
  has_octree: boolean,
  fields: readonly { name: string; type: string }[],
  has_intensity = true,
) =>
  ({
    lidars: [{ name: "lidar", has_octree, has_intensity, fields }],
    cameras: [{ name: "front", camera: {} }],
  }) as unknown as NonNullable<State["scene"]>;

const looked = (scene: NonNullable<State["scene"]>, color_mode: ColorMode, merged = false) => ({
  scene,
  merged: merged ? ({ kind: "world", track: null, cloud: {} } as unknown as MergedCloud) : null,
  view: { ...initialState.view, color_mode, cloud_source: merged ? ("world" as const) : ("frame" as const) },
});

describe("what points can be coloured by", () => {
  it("is the images of a sweep, but not of a map or a merged cloud", () => {
    const street = sceneOf(false, [INTENSITY]);
    expect(modesOf(looked(street, "height"))).toContain("image");
    expect(modesOf(looked(sceneOf(true, [INTENSITY]), "height"))).not.toContain("image");
    expect(modesOf(looked(street, "height", true))).not.toContain("image");
    expect(shownMode(looked(street, "image"))).toBe("image");
    expect(shownMode(looked(street, "image", true))).toBe("height");
  });

  it("of a merged cloud is the frame that a point is of, and not what its sweeps had", () => {
    const street = sceneOf(false, [{ name: "ring", type: "uint16" }]);
    expect(modesOf(looked(street, "height", true)).filter((mode) => mode.startsWith("field:"))).toEqual([
      "field:frame",
    ]);
    expect(shownMode(looked(street, "field:ring", true))).toBe("height");
    expect(shownMode(looked(street, "field:ring"))).toBe("field:ring");
    expect(shownMode(looked(street, "field:frame"))).toBe("height");
  });

  it("is the height where there is no intensity", () => {
    expect(shownMode(looked(sceneOf(true, [], false), "height_intensity"))).toBe("height");
  });

  it("is at first a map's own colours, unless another way was chosen", () => {
    const opened = (scene: NonNullable<State["scene"]>, color_mode: ColorMode) =>
      openingView(scene, { ...initialState.view, color_mode }, USUAL).color_mode;
    const coloured = sceneOf(true, [INTENSITY, RGB]);
    expect(opened(coloured, USUAL)).toBe("field:rgb");
    expect(opened(coloured, "image")).toBe("field:rgb");
    expect(opened(coloured, "distance")).toBe("distance");
    expect(opened(coloured, "field:intensity")).toBe("field:intensity");
    expect(opened(sceneOf(true, [INTENSITY]), USUAL)).toBe(USUAL);
    expect(opened(sceneOf(false, [INTENSITY, RGB]), USUAL)).toBe(USUAL);
    expect(opened(sceneOf(false, [INTENSITY]), "field:rgb")).toBe(USUAL);
  });
});
