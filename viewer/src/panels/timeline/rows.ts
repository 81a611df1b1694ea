/** Which objects have a row, and in which order. */

import { isPresent } from "../../space/interpolate";
import type { Labels, SceneObject, Track } from "../../state/model";
import { needFrames } from "../../views/needs";
import { firstFrame, lastFrame, mainTracks } from "../labels/tracks";

export interface Row {
  readonly object: SceneObject;
  readonly track: Track;
  readonly first: number;
  readonly last: number;
}

export type Sort = "number" | "class" | "start" | "length" | "needs";

export interface Filter {
  readonly in_frame: boolean;
  readonly class_name: string | null;
  readonly needs: boolean;
}

/** All rows by number; a pure function of the labels, so that panels share one result. */
export function allRows(labels: Labels): readonly Row[] {
  const tracks = mainTracks(labels);
  const rows: Row[] = [];
  for (const object of labels.objects.values()) {
    const track = tracks.get(object.id);
    if (track) rows.push({ object, track, first: firstFrame(track), last: lastFrame(track) });
  }
  return rows.sort((a, b) => a.object.number - b.object.number);
}

/** The selected object stays in sight whatever the filter says. */
export function chooseRows(
  rows: readonly Row[],
  filter: Filter,
  sort: Sort,
  frame: number,
  selected: string | null,
): readonly Row[] {
  const kept = rows.filter(
    (row) =>
      row.object.id === selected ||
      ((!filter.in_frame || isPresent(row.track, frame)) &&
        (filter.class_name === null || row.object.class_name === filter.class_name) &&
        (!filter.needs || needFrames(row.track).length > 0)),
  );
  return sort === "number"
    ? kept
    : kept.sort((a, b) => order[sort](a, b) || a.object.number - b.object.number);
}

const needCount = (row: Row): number => needFrames(row.track).length;

const order: Record<Sort, (a: Row, b: Row) => number> = {
  number: () => 0,
  class: (a, b) => a.object.class_name.localeCompare(b.object.class_name),
  start: (a, b) => a.first - b.first,
  length: (a, b) => b.last - b.first - (a.last - a.first),
  needs: (a, b) => needCount(b) - needCount(a),
};
