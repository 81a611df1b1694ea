/** Whether a keyframe asks for a look. */

import { wantsLook } from "../editor/find";
import type { Keyframe } from "../state/model";

/** Below this a machine's keyframe asks for a look. */
export const LOW_QUALITY = 0.5;

/** A machine made it, nobody accepted it, and the machine itself doubts it. */
export const needsYou = (keyframe: Keyframe): boolean =>
  wantsLook(keyframe) && keyframe.quality !== null && keyframe.quality < LOW_QUALITY;
