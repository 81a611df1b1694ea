/** The whole scene in one strip: labels per frame as an area, amber where it needs you, what is shown below. */

import type { Person } from "../../state/model";
import type { Density } from "./density";
import { hatch } from "./hatch";
import type { Tokens } from "./tokens";
import type { Window } from "./window";

export interface ScrubberPicture {
  readonly density: Density;
  readonly window: Window;
  readonly width: number;
  readonly height: number;
  readonly frame: number;
  readonly frame_count: number;
  readonly ready_frame_count: number;
  readonly people: readonly Person[];
  readonly colors: Tokens;
}

export function paintScrubber(context: CanvasRenderingContext2D, picture: ScrubberPicture): void {
  const { width, height, density, window, frame_count, ready_frame_count, colors } = picture;
  const per = width / Math.max(frame_count, 1);
  context.clearRect(0, 0, width, height);
  if (density.most > 0) {
    context.fillStyle = "#3a4654";
    context.beginPath();
    context.moveTo(0, height);
    // At most one step a pixel, the highest of its frames.
    const cells = Math.min(frame_count, Math.ceil(width));
    for (let cell = 0; cell < cells; cell++) {
      const last = Math.ceil(((cell + 1) * frame_count) / cells);
      let most = 0;
      for (let frame = Math.floor((cell * frame_count) / cells); frame < last; frame++)
        most = Math.max(most, density.counts[frame] ?? 0);
      const y = height - 1 - ((height - 12) * most) / density.most;
      context.lineTo((cell * width) / cells, y);
      context.lineTo(((cell + 1) * width) / cells, y);
    }
    context.lineTo(width, height);
    context.fill();
  }
  if (ready_frame_count < frame_count) hatch(context, ready_frame_count * per, 0, width, height, colors);
  const left = window.first * per;
  const right = (window.first + window.count) * per;
  if (window.count < frame_count) {
    context.fillStyle = colors.select_soft;
    context.fillRect(left, 0, right - left, height);
    context.strokeStyle = colors.select_line;
    context.lineWidth = 1;
    context.strokeRect(Math.round(left) + 0.5, 0.5, Math.max(2, Math.round(right - left) - 1), height - 1);
    context.fillStyle = colors.select;
    context.fillRect(Math.round(left), height / 2 - 5, 2, 10);
    context.fillRect(Math.round(right) - 2, height / 2 - 5, 2, 10);
  }
  context.fillStyle = colors.need;
  for (const frame of density.need_frames) {
    const x = (frame + 0.5) * per;
    context.beginPath();
    context.moveTo(x - 3.5, 0.5);
    context.lineTo(x + 3.5, 0.5);
    context.lineTo(x, 6);
    context.fill();
  }
  for (const person of picture.people) {
    if (person.frame === null) continue;
    context.fillStyle = person.color;
    context.fillRect(Math.round((person.frame + 0.5) * per) - 1, height - 7, 2, 7);
  }
  context.fillStyle = colors.select;
  context.fillRect(Math.round((picture.frame + 0.5) * per) - 0.5, 0, 1.5, height);
}
