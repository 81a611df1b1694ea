/** How far the object is hidden, and what else is said of it from some frame on. */

import { Tooltip } from "@mantine/core";
import type { AttributeValue, Track } from "../../state/model";
import { NumberField } from "../controls/NumberField";
import { Segments } from "../controls/Segments";
import { occlusionAt } from "../labels/tracks";
import { useSession } from "../session/context";
import type { Subject } from "./subject";

const OCCLUSION = [
  { value: 0, text: "0 none", hint: "Nothing hides it", shortcut: "Shift+0" },
  { value: 1, text: "1 part", hint: "Partly hidden", shortcut: "Shift+1" },
  { value: 2, text: "2 most", hint: "Largely hidden", shortcut: "Shift+2" },
  { value: 3, text: "3 unknown", hint: "Nobody can tell", shortcut: "Shift+3" },
];
const YES_NO = [
  { value: false, text: "no" },
  { value: true, text: "yes" },
];

export function Attributes({ subject, track }: { subject: Subject; track: Track }) {
  const { editor } = useSession();
  const occlusion = occlusionAt(track, subject.frame);
  const timed = Object.entries(track.attributes);
  const fixed = Object.entries(subject.object.attributes);
  return (
    <div className="part">
      <div className="line">
        <Tooltip label="From this frame to the end of the stretch">
          <span className="word">Occlusion</span>
        </Tooltip>
        <Segments
          label="Occlusion"
          value={occlusion}
          choices={OCCLUSION}
          disabled={occlusion === null}
          onChoose={(level) => editor.setOcclusion(level)}
        />
      </div>
      {timed.map(([name, steps]) => {
        const step = steps.findLast((each) => each.frame <= subject.frame);
        return (
          <div className="line" key={name}>
            <Tooltip
              label={
                step
                  ? `Since frame ${step.frame}; a new value holds from this frame on`
                  : "Not said before this frame"
              }
            >
              <span className="word ellipsis">{name.replaceAll("_", " ")}</span>
            </Tooltip>
            <Value
              name={name}
              kind={typeof (steps[0]?.value ?? "")}
              value={step?.value ?? null}
              onCommit={(value) => editor.setAttribute(name, value)}
            />
          </div>
        );
      })}
      {fixed.map(([name, value]) => (
        <div className="line" key={name}>
          <Tooltip label="Holds for the whole object">
            <span className="word ellipsis">{name.replaceAll("_", " ")}</span>
          </Tooltip>
          <span className="ellipsis">{String(value)}</span>
        </div>
      ))}
    </div>
  );
}

interface ValueProps {
  readonly name: string;
  readonly kind: string;
  readonly value: AttributeValue | null;
  readonly onCommit: (value: AttributeValue) => void;
}

function Value({ name, kind, value, onCommit }: ValueProps) {
  if (kind === "boolean")
    return (
      <Segments
        label={name}
        value={typeof value === "boolean" ? value : null}
        choices={YES_NO}
        onChoose={onCommit}
      />
    );
  if (kind === "number")
    return (
      <span className="narrow">
        <NumberField
          letter=""
          label={`${name.replaceAll("_", " ")} from this frame on`}
          unit=""
          value={typeof value === "number" ? value : null}
          digits={Number.isInteger(value) ? 0 : 2}
          step={1}
          onCommit={onCommit}
        />
      </span>
    );
  return (
    <input
      key={String(value)}
      className="text"
      aria-label={name}
      defaultValue={value === null ? "" : String(value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") event.currentTarget.blur();
      }}
      onBlur={(event) => {
        const text = event.currentTarget.value.trim();
        if (text !== "" && text !== String(value ?? "")) onCommit(text);
      }}
    />
  );
}
