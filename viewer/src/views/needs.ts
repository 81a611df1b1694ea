/** Whether a keyframe asks for a look. */

import { LOW_QUALITY, wantsLook } from "../editor/find";
import type { Keyframe } from "../state/model";

/** A machine made it, nobody accepted it, and the machine itself doubts it. */
export const needsYou = (keyframe: Keyframe): boolean =>
  wantsLook(keyframe) && keyframe.quality !== null && keyframe.quality < LOW_QUALITY;
