/** Which pages of frames will be wanted soon. */

export interface Position {
  readonly frame: number;
  readonly frame_count: number;
  readonly page_frames: number;
  /** The way of the last step. */
  readonly direction: 1 | -1;
  readonly speed: number;
}

const AHEAD_FRAMES = 128; // at the speed of the recording
const BEHIND_FRAMES = 16;

/** The page of the frame, then those that its neighbourhood reaches into: ahead first. */
export const pagesWanted = (position: Position): number[] => {
  const { frame, frame_count, page_frames, direction } = position;
  const ahead = AHEAD_FRAMES * Math.max(1, Math.min(position.speed, 8)) * direction;
  const behind = -BEHIND_FRAMES * direction;
  const pages = [frame, frame + ahead, frame + behind]
    .map((at) => Math.min(Math.max(at, 0), frame_count - 1))
    .map((at) => Math.floor(at / page_frames));
  return [...new Set(pages)];
};
