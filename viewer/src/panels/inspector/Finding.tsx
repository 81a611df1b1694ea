import { IconAlertTriangle, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { needsYou } from "../../views/needs";
import { Cap } from "../controls/Cap";
import { Control } from "../controls/Control";
import { writeNumber } from "../controls/number";
import { useSession } from "../session/context";
import type { Subject } from "./subject";

/** One amber line when the machine doubts its own keyframe here. The cross puts it away for this visit. */
export function Finding({ subject }: { subject: Subject }) {
  const { editor } = useSession();
  const [away, setAway] = useState<string | null>(null);
  const { keyframe, track } = subject;
  if (!keyframe || !track || !needsYou(keyframe)) return null;
  const here = `${track.id}/${keyframe.frame}`;
  if (away === here) return null;
  return (
    <div className="part">
      <div className="line-need">
        <IconAlertTriangle size={15} />
        <span className="grow">
          Doubtful fit, quality <b>{writeNumber(keyframe.quality ?? 0, 2)}</b>
        </span>
        <Control
          label="Accept this keyframe as it is"
          shortcut="Enter"
          look="small"
          onClick={() => editor.accept()}
        >
          Accept <Cap>Enter</Cap>
        </Control>
        <Control label="Put this line away" look="small" onClick={() => setAway(here)}>
          <IconX size={13} />
        </Control>
      </div>
    </div>
  );
}
