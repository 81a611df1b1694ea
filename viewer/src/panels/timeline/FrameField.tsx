import { Tooltip } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { parseNumber, writeTime } from "../controls/number";
import { frameName } from "../labels/tracks";
import { useApp, useSession } from "../session/context";

/** The frame shown, its name in the source, and its time. A number typed here goes there. */
export function FrameField() {
  const { editor } = useSession();
  const frame = useApp((state) => state.frame);
  const count = useApp((state) => state.scene?.frame_count ?? 1);
  const name = useApp((state) => frameName(state, state.frame));
  const time_ns = useApp((state) => state.scene?.clock.time_ns[state.frame] ?? 0);
  const [typed, setTyped] = useState<string | null>(null);
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key === "Enter") {
      const wanted = parseNumber(event.currentTarget.value);
      if (wanted !== null) editor.showFrame(Math.min(Math.max(Math.round(wanted), 0), count - 1));
    }
    if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <>
      <Tooltip label="Frame: type a number and press Enter" position="top">
        <span className="frame-field">
          <input
            aria-label="Frame"
            inputMode="numeric"
            style={{ width: `${Math.max(String(count).length, 2) + 0.6}ch` }}
            value={typed ?? String(frame)}
            onFocus={(event) => event.currentTarget.select()}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onBlur={() => setTyped(null)}
            onKeyDown={press}
          />
          <span className="faint"> / {count}</span>
        </span>
      </Tooltip>
      {Number(name) !== frame && (
        <Tooltip label="The frame's own name in the source" position="top">
          <span className="frame-name">{name}</span>
        </Tooltip>
      )}
      <span className="frame-time">{writeTime(time_ns / 1e9)}</span>
    </>
  );
}
