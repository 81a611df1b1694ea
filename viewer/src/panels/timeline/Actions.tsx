/** What can be done about the selected object in time. */

import { IconCheck, IconPlus, IconTimeline, IconTransitionRight } from "@tabler/icons-react";
import { keyframeAt } from "../../space/interpolate";
import { Cap } from "../controls/Cap";
import { Control } from "../controls/Control";
import { isAccepted, isMachine, mainTrack } from "../labels/tracks";
import { useApp, useSession } from "../session/context";

const ICON = { size: 16, stroke: 1.7 };

export function Actions() {
  const { editor } = useSession();
  const here = useApp((state) => {
    const track = state.selected ? mainTrack(state.labels, state.selected) : null;
    if (!track) return "none";
    const keyframe = keyframeAt(track, state.frame);
    if (!keyframe) return "computed";
    if (isMachine(keyframe)) return isAccepted(keyframe) ? "accepted" : "machine";
    return keyframe.source;
  });
  const none = here === "none";
  return (
    <>
      <Control
        label={none ? "Keyframe: select an object first" : "Keep what is shown here as a keyframe"}
        shortcut="K"
        side="top"
        disabled={none}
        onClick={() => editor.addKeyframe()}
      >
        <IconPlus {...ICON} /> Keyframe <Cap>K</Cap>
      </Control>
      <Control
        label={
          none
            ? "Carry forward: select an object first"
            : "Follow the object into the next frames (Shift+G: back)"
        }
        shortcut="G"
        side="top"
        disabled={none}
        onClick={() => void editor.propagate("forward")}
      >
        <IconTransitionRight {...ICON} /> Carry forward <Cap>G</Cap>
      </Control>
      <Control
        label={
          none
            ? "Carry through all frames: select an object first"
            : "Carry the object through all frames it is seen in (Shift+T: it moves, Alt+T: it stands still)"
        }
        shortcut="T"
        side="top"
        disabled={none}
        onClick={() => void editor.solve()}
      >
        <IconTimeline {...ICON} /> All frames <Cap>T</Cap>
      </Control>
      <Control
        label={
          here === "machine" ? "Accept the machine's keyframe here" : "Accept: no machine keyframe waits here"
        }
        shortcut="Enter"
        side="top"
        disabled={here !== "machine"}
        onClick={() => editor.accept()}
      >
        <IconCheck {...ICON} /> Accept <Cap>Enter</Cap>
      </Control>
    </>
  );
}
