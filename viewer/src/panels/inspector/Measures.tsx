/** Size, place and heading as numbers to type, and the gap from each face to its outermost point. */

import { Tooltip } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { apply, moved, turned, yawOf } from "../../space/pose";
import type { Cuboid, Vec3 } from "../../state/model";
import { NumberField } from "../controls/NumberField";
import { writeNumber } from "../controls/number";
import type { Gaps } from "../labels/inside";
import { objectName } from "../labels/tracks";
import { useApp, useSession } from "../session/context";
import { usePreference } from "../session/preferences";
import { originAt, type Subject, seenFrom } from "./subject";

const DEGREES = 180 / Math.PI;
const SIZES = [
  ["l", "length"],
  ["w", "width"],
  ["h", "height"],
] as const;
const AXES = [
  ["x", "ahead"],
  ["y", "to the left"],
  ["z", "up"],
] as const;
const FACES = ["front", "rear", "left", "right", "top"] as const;
const WIDE_GAP_M = 0.3;

export function Measures({ subject, gaps }: { subject: Subject; gaps: Gaps | null }) {
  const { editor } = useSession();
  const [from] = usePreference("position_from");
  const reference = useApp((state) => state.scene?.reference ?? "sensor");
  const origin = useApp((state) => originAt(state, from));
  const { cuboid } = subject;
  const name = objectName(subject.object);
  const seen = cuboid && seenFrom(origin, cuboid.pose);
  const where = from === "world" ? "in the world" : `from ${reference}`;

  const resize = (axis: number, value: number) => {
    if (!cuboid) return;
    const size_m: Vec3 = replaced(cuboid.size_m, axis, value);
    // The bottom stays on the ground when the height changes.
    const pose = axis === 2 ? moved(cuboid.pose, [0, 0, (value - cuboid.size_m[2]) / 2]) : cuboid.pose;
    commit({ pose, size_m }, `the ${SIZES[axis]?.[1]} of ${name} to ${writeNumber(value, 3)} m`);
  };
  const place = (axis: number, value: number) => {
    if (!cuboid || !seen) return;
    const translation_m = apply(origin, replaced(seen.translation_m, axis, value));
    commit(
      { ...cuboid, pose: { ...cuboid.pose, translation_m } },
      `${AXES[axis]?.[0]} of ${name} to ${writeNumber(value, 2)} m`,
    );
  };
  const turn = (degrees: number) => {
    if (!cuboid || !seen) return;
    const pose = turned(cuboid.pose, degrees / DEGREES - yawOf(seen));
    commit({ ...cuboid, pose }, `yaw of ${name} to ${writeNumber(degrees, 1)}°`);
  };
  const commit = (next: Cuboid, label: string) => editor.commit(next, `Set ${label}`);

  return (
    <div className="part">
      <div className="fields">
        {SIZES.map(([letter, word], axis) => (
          <NumberField
            key={letter}
            letter={letter}
            label={`${word}, metres, in all frames`}
            unit="m"
            value={cuboid?.size_m[axis] ?? null}
            digits={3}
            step={0.05}
            min={0.01}
            disabled={!cuboid}
            onCommit={(value) => resize(axis, value)}
          />
        ))}
        <Tooltip label="The size belongs to the track: it is the same in every frame">
          <span className="lock">
            <IconLock size={13} /> all frames
          </span>
        </Tooltip>
        {AXES.map(([letter, way], axis) => (
          <NumberField
            key={letter}
            letter={letter}
            label={from === "world" ? `${letter}, metres, in the world` : `${letter}: metres ${way} ${where}`}
            unit="m"
            value={seen?.translation_m[axis] ?? null}
            digits={2}
            step={0.1}
            disabled={!cuboid}
            onCommit={(value) => place(axis, value)}
          />
        ))}
        <NumberField
          letter="yaw"
          label={`Heading ${where}, degrees counter-clockwise`}
          unit="°"
          value={seen ? yawOf(seen) * DEGREES : null}
          digits={1}
          step={1}
          disabled={!cuboid}
          onCommit={turn}
        />
      </div>
      {cuboid && (
        <div className="gaps">
          <span className="faint">gap, m</span>
          {FACES.map((face) => (
            <span key={face} className="faint">
              {face}{" "}
              <span className="value" data-wide={(gaps && gaps[face] > WIDE_GAP_M) || undefined}>
                {gaps ? writeNumber(gaps[face], 2) : "–"}
              </span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function replaced(vector: Vec3, axis: number, value: number): Vec3 {
  const [x, y, z] = vector;
  return [axis === 0 ? value : x, axis === 1 ? value : y, axis === 2 ? value : z];
}
