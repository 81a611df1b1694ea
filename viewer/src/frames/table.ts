/**
 * What is known of one sensor's frames: the pages that are at hand, laid out by frame.
 *
 * What is not at hand is absent: look-ups give undefined, never a guess.
 */

import type { Block, Clock, Pose } from "../state/model";
import type { FramePage } from "./page";

export class FrameTable {
  readonly clock: { time_ns: ArrayLike<number>; is_whole: boolean; readonly names: (string | undefined)[] };
  /** The sensor's frame of each reference frame. */
  readonly match: (number | undefined)[] = [];
  readonly world_from_sensor: (Pose | undefined)[] = [];
  readonly blocks = new Map<number, readonly Block[]>();
  private readonly times: number[] = [];
  private readonly pages = new Map<number, FramePage>();

  constructor() {
    this.clock = { time_ns: this.times, is_whole: false, names: [] } satisfies Clock;
  }

  page(number: number): FramePage | undefined {
    return this.pages.get(number);
  }

  /** Numbers of the pages at hand. */
  held(): number[] {
    return [...this.pages.keys()];
  }

  put(page: FramePage): void {
    this.pages.set(page.page, page);
    this.lay(page);
  }

  /** Forgets a page; frames that another page has too stay. */
  drop(number: number): void {
    const page = this.pages.get(number);
    if (!page) return;
    this.pages.delete(number);
    for (let n = 0; n < page.match.length; n++) delete this.match[page.reference_first + n];
    for (let n = 0; n < page.poses.length; n++) {
      const frame = page.first + n;
      delete this.times[frame];
      delete this.clock.names[frame];
      delete this.world_from_sensor[frame];
      this.blocks.delete(frame);
    }
    for (const beside of [number - 1, number + 1]) {
      const kept = this.pages.get(beside);
      if (kept) this.lay(kept);
    }
  }

  /** All times of the sensor are known now. */
  holdClock(time_ns: ArrayLike<number>): void {
    this.clock.time_ns = time_ns;
    this.clock.is_whole = true;
  }

  private lay(page: FramePage): void {
    for (let n = 0; n < page.match.length; n++) {
      const own = page.match[n]!;
      if (own >= 0) this.match[page.reference_first + n] = own;
    }
    for (let n = 0; n < page.poses.length; n++) {
      const frame = page.first + n;
      this.times[frame] = page.time_ns[n]!;
      this.clock.names[frame] = page.names[n]!;
      this.world_from_sensor[frame] = page.poses[n]!;
    }
    page.blocks.forEach((blocks, n) => {
      this.blocks.set(page.first + n, blocks);
    });
  }
}
