/** How the strip is shared: the best image, small ones of the whole rig, the close-up. CSS pixels. */

import type { Area } from "./picture";

export interface StripPlan {
  readonly whole: Area;
  /** One for each camera of a rig of several. */
  readonly tiles: readonly Area[];
  readonly close: Area | null;
}

export const SPLIT_PX = 2;
const NARROWEST_CLOSE_UP_PX = 170;
const CLOSE_UP_SHARE = 0.3;
const NARROWEST_RIG_PX = 60;
const SHORTEST_PX = 16;
const TALLEST_ROW_PX = 104;

/** `aspect` is width over height of the image shown, `rig` of each camera where there are several. */
export function planStrip(
  width: number,
  height: number,
  aspect: number,
  rig: readonly number[],
  close: boolean,
): StripPlan {
  const several = rig.length > 1;
  if (several && height > width * 0.45) return stacked(width, height, rig);
  if (!several && !close) return { whole: { left: 0, top: 0, width, height }, tiles: [], close: null };
  const least = close ? Math.max(NARROWEST_CLOSE_UP_PX, width * CLOSE_UP_SHARE) + SPLIT_PX : 0;
  const room = several ? NARROWEST_RIG_PX : 0;
  const wide = Math.max(1, Math.min(Math.round(height * aspect), Math.round(width - least - room)));
  const whole = { left: 0, top: 0, width: wide, height };
  if (!several) return { whole, tiles: [], close: rest(wide, width, height) };
  const area = { left: wide + SPLIT_PX, top: 0, width: width - wide - SPLIT_PX - least, height };
  const tiles = largest(area, rig);
  const end = Math.max(...tiles.map((tile) => tile.left + tile.width));
  return { whole, tiles, close: close ? rest(end, width, height) : null };
}

const rest = (end: number, width: number, height: number): Area => ({
  left: end + SPLIT_PX,
  top: 0,
  width: Math.max(1, width - end - SPLIT_PX),
  height,
});

/** The largest tiles of one height that lie in the area, row by row. */
function largest(area: Area, aspects: readonly number[]): Area[] {
  for (let tall = Math.floor(area.height); tall > SHORTEST_PX; tall--) {
    const tiles = rows(area, aspects, tall);
    if (tiles.every((tile) => holds(area, tile.left, tile.top + tile.height - 1))) {
      if (tiles.every((tile) => tile.left + tile.width <= area.left + area.width)) return tiles;
    }
  }
  const least = Math.max(1, area.width / aspects.reduce((sum, aspect) => sum + aspect, 0) - SPLIT_PX);
  return rows({ ...area, width: Number.POSITIVE_INFINITY }, aspects, least);
}

function rows(area: Area, aspects: readonly number[], tall: number): Area[] {
  let [left, top] = [area.left, area.top];
  return aspects.map((aspect) => {
    const width = Math.max(1, Math.floor(tall * aspect));
    if (left > area.left && left + width > area.left + area.width)
      [left, top] = [area.left, top + tall + SPLIT_PX];
    const tile = {
      left: Math.round(left),
      top: Math.round(top),
      width,
      height: Math.max(1, Math.floor(tall)),
    };
    left += width + SPLIT_PX;
    return tile;
  });
}

/** A tall stage: the image over a row of the rig. */
function stacked(width: number, height: number, rig: readonly number[]): StripPlan {
  const tall = Math.min(TALLEST_ROW_PX, Math.round(height * 0.2));
  const tiles = largest({ left: 0, top: height - tall, width, height: tall }, rig);
  return { whole: { left: 0, top: 0, width, height: height - tall - SPLIT_PX }, tiles, close: null };
}

export const holds = ({ left, top, width, height }: Area, x: number, y: number): boolean =>
  x >= left && x < left + width && y >= top && y < top + height;
