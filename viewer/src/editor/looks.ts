/** What to look at next: what the machine is least sure of comes first, and nothing twice while it stays as it was. */

import { isPresent } from "../space/interpolate";
import type { Keyframe, Labels } from "../state/model";
import { cuboidTrackOf, wantsLook } from "./find";

export interface Place {
  readonly object: string;
  readonly frame: number;
}

interface Look extends Place {
  readonly keyframe: Keyframe;
}

/** One person's round of looking. */
export interface Round {
  /**
   * The next place: of the selected object, or of all where it has none or none is selected. What is shown now has
   * been looked at. When all was, the round begins anew; null when nothing waits.
   */
  next(labels: Labels, selected: string | null, frame: number): Place | null;
}

export const createRound = (): Round => {
  const seen = new Set<string>();
  return {
    next(labels, selected, frame) {
      const own = selected === null ? [] : looksOf(labels, [selected]);
      const looks = own.length > 0 ? own : looksOf(labels, [...labels.objects.keys()]);
      const here = looks.find((look) => look.object === selected && look.frame === frame);
      if (here) seen.add(nameOfLook(here));
      let next = looks.find((look) => !seen.has(nameOfLook(look)));
      if (!next) {
        for (const look of looks) seen.delete(nameOfLook(look));
        next = looks.find((look) => look !== here) ?? here;
      }
      if (!next) return null;
      seen.add(nameOfLook(next));
      return { object: next.object, frame: next.frame };
    },
  };
};

/** What wants a look where it can be seen, the least sure first. */
const looksOf = (labels: Labels, objects: readonly string[]): readonly Look[] =>
  objects
    .flatMap((object): Look[] => {
      const track = cuboidTrackOf(labels, object);
      return (track?.keyframes ?? [])
        .filter((keyframe) => wantsLook(keyframe) && isPresent(track!, keyframe.frame))
        .map((keyframe) => ({ object, frame: keyframe.frame, keyframe }));
    })
    .sort((a, b) => qualityOf(a) - qualityOf(b) || a.frame - b.frame);

const qualityOf = ({ keyframe }: Look): number => keyframe.quality ?? 1;

/** Names the cuboid that is looked at: another one in the same frame has another name. */
const nameOfLook = ({ object, frame, keyframe }: Look): string =>
  JSON.stringify([object, frame, keyframe.quality, keyframe.pose]);
