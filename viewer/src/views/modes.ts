/** What points can be coloured by: a map or a merged cloud has not all that a sweep has. */

import type { ColorMode, Lidar, Scene, State, ViewSettings } from "../state/model";
import { fieldOf, fieldsOf, isColor, parseType } from "../stream/fields";
import { isMerged, MERGED_FIELDS } from "./sources";

const PLAIN: readonly ColorMode[] = ["height_intensity", "height", "intensity", "distance", "image"];

type Looked = Pick<State, "scene" | "merged" | "view">;

/** All modes that mean something for what is shown now. */
export function modesOf(state: Looked): readonly ColorMode[] {
  const { scene } = state;
  if (scene === null) return PLAIN;
  const merged = isMerged(state as State);
  const has_intensity = scene.lidars.some((lidar) => lidar.has_intensity);
  const has_image =
    !merged &&
    scene.lidars.some((lidar) => !lidar.has_octree) &&
    scene.cameras.some(({ camera }) => camera !== null);
  const plain = PLAIN.filter(
    (mode) => (mode !== "image" || has_image) && (!mode.includes("intensity") || has_intensity),
  );
  const fields = merged ? MERGED_FIELDS.map(({ name }) => name) : fieldsOf(scene.lidars);
  return [...plain, ...fields.map((name): ColorMode => `field:${name}`)];
}

/** How the points are coloured: as chosen, or by their height where they lack what that takes. */
export function shownMode(state: Looked): ColorMode {
  const { color_mode } = state.view;
  return modesOf(state).includes(color_mode) ? color_mode : "height";
}

/** The settings that a scene is opened with: a map that has colours of its own shows them. */
export function openingView(scene: Scene, view: ViewSettings, usual: ColorMode): ViewSettings {
  const maps = scene.lidars.filter((lidar) => lidar.has_octree);
  const chosen = fieldOf(view.color_mode);
  const lacks = chosen !== null && !fieldsOf(scene.lidars).includes(chosen);
  const own = view.color_mode === usual || view.color_mode === "image" || lacks ? colorsOf(maps) : null;
  return own !== null || lacks ? { ...view, color_mode: own ?? usual } : view;
}

const colorsOf = (lidars: readonly Lidar[]): ColorMode | null => {
  const fields = lidars.flatMap((lidar) => lidar.fields);
  const found = fields.find(
    ({ name, type }) =>
      type !== null && fieldsOf(lidars).includes(name) && isColor(name, parseType(type).components),
  );
  return found === undefined ? null : `field:${found.name}`;
};
