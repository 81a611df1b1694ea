/** What a conflict is about, in words: the path, and each side's value. */

import type { Labels } from "../../state/model";
import { writeNumber } from "../controls/number";
import { objectName } from "../labels/tracks";

/** `tracks/12.cuboid/keyframes/7` as "car 12, frame 7". */
export function describePath(path: string, labels: Labels): string {
  const [kind, id = "", part, name, frame] = path.split("/");
  if (kind === "objects") {
    const object = labels.objects.get(id);
    const what = object ? objectName(object) : `object ${id}`;
    return part === "attributes" && name ? `${what}, ${name.replaceAll("_", " ")}` : what;
  }
  if (kind !== "tracks") return path;
  const track = labels.tracks.get(id);
  const object = track && labels.objects.get(track.object_id);
  const what = object ? objectName(object) : `track ${id}`;
  const where = track && track.kind === "box" ? `${what} on ${track.space}` : what;
  if (part === "keyframes") return `${where}, frame ${name}`;
  if (part === "spans") return `${where}, where it is present`;
  if (part === "attributes" && name) return `${where}, ${name.replaceAll("_", " ")} from frame ${frame}`;
  return `${where}, size`;
}

/** A value of the label document in few words. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "removed";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return writeNumber(value, Number.isInteger(value) ? 0 : 2);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(describeSpan).join(", ") || "nowhere";
  const fields = value as Record<string, unknown>;
  if (isFields(fields.shape)) return describeShape(fields.shape);
  if (Array.isArray(fields.size_m)) return `size ${numbers(fields.size_m, 2)} m`;
  if (typeof fields.class_name === "string")
    return `${fields.class_name} ${String(fields.number ?? "")}`.trim();
  return JSON.stringify(value);
}

function describeShape(shape: Record<string, unknown>): string {
  if (Array.isArray(shape.box_px)) return `box ${numbers(shape.box_px, 0)}`;
  const center = Array.isArray(shape.center_m) ? `at ${numbers(shape.center_m, 2)} m` : "";
  const turn = shape.rotation_wxyz;
  if (!Array.isArray(turn)) return center;
  const [w = 1, x = 0, y = 0, z = 0] = turn.map(Number);
  const yaw_rad = Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
  return `${center}, yaw ${writeNumber((yaw_rad * 180) / Math.PI, 1)}°`;
}

function describeSpan(span: unknown): string {
  if (!isFields(span) || typeof span.start !== "number" || typeof span.end !== "number") return String(span);
  return `${span.start}–${span.end - 1}`;
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const numbers = (values: readonly unknown[], digits: number): string =>
  values.map((each) => writeNumber(Number(each), digits)).join("  ");
