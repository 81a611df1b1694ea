/** Which frames will be wanted soon. */

export interface Outlook {
  readonly frame: number;
  readonly frame_count: number;
  readonly playing: boolean;
  readonly speed: number;
  /** The way of the last step. */
  readonly direction: 1 | -1;
}

const AHEAD_STILL = 4;
const AHEAD_PLAYING = 20;
const BEHIND = 2;

/** Frames to load after the visible one, soonest first. */
export const framesAhead = (outlook: Outlook): number[] => {
  const ahead = outlook.playing ? AHEAD_PLAYING * Math.max(1, Math.min(outlook.speed, 4)) : AHEAD_STILL;
  const frames: number[] = [];
  for (let step = 1; step <= ahead; step++) frames.push(outlook.frame + outlook.direction * step);
  for (let step = 1; step <= BEHIND; step++) frames.push(outlook.frame - outlook.direction * step);
  return frames.filter((frame) => frame >= 0 && frame < outlook.frame_count);
};
