/** The keyframes around now: who made each, and what still waits. */

import { IconCheck } from "@tabler/icons-react";
import type { Keyframe, Track } from "../../state/model";
import { plural, writeCount, writeNumber } from "../controls/number";
import { describeComputed, type Line, linesAround } from "../labels/around";
import { isAccepted, isMachine } from "../labels/tracks";
import { useSession } from "../session/context";
import { signOf } from "../timeline/symbols";
import type { Subject } from "./subject";

/** More where the window has room. */
const lineCount = (): number => (window.innerHeight >= 1000 ? 8 : 4);

export function Keyframes({ subject, track }: { subject: Subject; track: Track }) {
  const { editor } = useSession();
  const frames = track.spans.reduce((sum, span) => sum + span.end - span.start, 0);
  return (
    <div className="part keyframes">
      <div className="caption">
        Keyframes <span className="dim">{summary(track.keyframes)}</span>, {plural(frames, "frame")}
      </div>
      {linesAround(track, subject.frame, lineCount()).map((line) => (
        <button
          type="button"
          key={line.frame}
          className="keyframe"
          aria-current={line.frame === subject.frame || undefined}
          onClick={() => editor.showFrame(line.frame)}
        >
          <Sign line={line} />
          <span className="number-of">{line.frame}</span>
          <span className="grow ellipsis what">{wordsOf(line)}</span>
          <State line={line} />
        </button>
      ))}
    </div>
  );
}

function summary(keyframes: readonly Keyframe[]): string {
  const machine = keyframes.filter(isMachine).length;
  const imported = keyframes.filter((each) => each.source === "imported").length;
  const human = keyframes.length - machine - imported;
  const parts = [
    human > 0 && `${writeCount(human)} human`,
    machine > 0 && `${writeCount(machine)} machine`,
    imported > 0 && `${writeCount(imported)} imported`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "none" : parts.join(", ");
}

function wordsOf(line: Line): string {
  if (line.kind === "absent") return "not in this frame";
  if (line.kind === "computed") return describeComputed(line);
  return line.keyframe.source;
}

function State({ line }: { line: Line }) {
  if (line.kind === "computed") return <span className="faint">K keeps it</span>;
  if (line.kind === "absent" || !isMachine(line.keyframe)) return null;
  const { quality, verified_by } = line.keyframe;
  return (
    <span className="faint state">
      {quality !== null && <>quality {writeNumber(quality, 2)}, </>}
      {isAccepted(line.keyframe) ? (
        <>
          <IconCheck size={13} className="ok" aria-hidden />
          {` ${verified_by}`}
        </>
      ) : (
        "not accepted"
      )}
    </span>
  );
}

function Sign({ line }: { line: Line }) {
  const sign = line.kind === "keyframe" ? signOf(line.keyframe) : line.kind;
  return (
    <svg width="14" height="14" viewBox="-7 -7 14 14" className={`sign ${sign}`} aria-hidden="true">
      {sign === "need" ? (
        <>
          <path d="M0 -5 L5.6 4.6 L-5.6 4.6 Z" />
          <path d="M0 -2 V1.4 M0 2.6 V3.6" className="bang" />
        </>
      ) : sign === "computed" ? (
        <path d="M-4 0 H-2 M-1 0 H1 M2 0 H4" />
      ) : sign === "absent" ? null : (
        <circle r={sign === "human" ? 3.8 : sign === "imported" ? 2.6 : 3} />
      )}
    </svg>
  );
}
