import { memo } from "react";
import { chipText } from "../../views/format";
import { writeCount } from "../controls/number";
import { classColor, objectName } from "../labels/tracks";
import { useApp, useSession } from "../session/context";
import type { Row } from "./rows";

interface Props {
  readonly row: Row;
  readonly top: number;
  readonly selected: boolean;
  readonly hovered: boolean;
  readonly present: boolean;
  readonly points: number | null;
}

/** A row of the track list: class, name, frames, points now. */
export const Head = memo(function Head({ row, top, selected, hovered, present, points }: Props) {
  const { editor, store } = useSession();
  const color = useApp((state) => classColor(state, row.object.class_name));
  const choose = () => {
    editor.select(row.object.id);
    const { frame } = store.getState();
    if (frame < row.first || frame > row.last) editor.showFrame(row.first);
  };
  return (
    <div
      className="head"
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-hovered={hovered || undefined}
      data-absent={!present || undefined}
      style={{ top }}
      onClick={choose}
      onKeyDown={(event) => event.key === "Enter" && choose()}
      onPointerEnter={() => editor.hover(row.object.id)}
      onPointerLeave={() => editor.hover(null)}
    >
      <span className="swatch" style={{ background: color }} />
      <span className="ellipsis name" title={objectName(row.object)}>
        {chipText(row.object.class_name, row.object.number)}
      </span>
      <span className="range">
        {row.first}–{row.last}
      </span>
      <span className="points">{points === null ? "" : writeCount(points)}</span>
    </div>
  );
});
