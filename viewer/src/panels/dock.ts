/** How large each panel is: what was dragged, else what suits the window; the cloud never vanishes. */

export interface DockWishes {
  readonly right_px: number | null;
  readonly timeline_px: number | null;
  readonly strip_px: number | null;
  readonly sides_px: number | null;
}

export interface Dock {
  readonly right_px: number;
  readonly timeline_px: number;
  readonly strip_px: number;
  readonly sides_px: number;
}

const TOP_PX = 44;
const RAIL_PX = 48;
const CLOUD_WIDE_PX = 420;
const CLOUD_TALL_PX = 160;

const within = (value: number, low: number, high: number): number =>
  Math.round(Math.min(Math.max(value, low), Math.max(high, low)));

export function dock(wishes: DockWishes, width_px: number, height_px: number): Dock {
  const wide = width_px >= 1800;
  const suited = {
    right_px: wide ? 480 : width_px >= 1400 ? 400 : 384,
    timeline_px: height_px >= 800 ? 208 : 172,
    strip_px: wide ? 248 : height_px * 0.222,
    sides_px: wide ? 372 : height_px * 0.329,
  };
  const timeline_px = within(wishes.timeline_px ?? suited.timeline_px, 96, height_px - TOP_PX - 260);
  const middle_px = height_px - TOP_PX - timeline_px;
  return {
    timeline_px,
    right_px: within(wishes.right_px ?? suited.right_px, 320, width_px - RAIL_PX - CLOUD_WIDE_PX),
    strip_px: within(wishes.strip_px ?? suited.strip_px, 80, middle_px - CLOUD_TALL_PX),
    sides_px: within(wishes.sides_px ?? suited.sides_px, 140, middle_px - 120),
  };
}
