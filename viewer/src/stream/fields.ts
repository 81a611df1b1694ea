/** Fields of a lidar's points as the sensor gave them, for colouring. */

import type { ColorMode, Lidar } from "../state/model";

export interface FieldValues {
  readonly count: number;
  /** Values of a point that lie together: 1, or 4 for a colour: red, green, blue, 255. */
  readonly components: 1 | 4;
  /** (count, components) as numbers the graphics card takes. */
  readonly values: Float32Array | Uint8Array;
  /** The 2nd and 98th percentile of a single value; of a colour 0 and 255. */
  readonly range: readonly [number, number];
  /** What the values were counted from; 0 but for large ones. */
  readonly base: number;
  /** What counts as the brightest colour; 1 for single values. */
  readonly full: number;
}

const ARRAYS = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
} as const;
const SAMPLE = 20_000;
const COLOR = /^(rgb|rgba|colou?rs?)$/i;

/** The type and the number of components that `uint8[3]` names. */
export const parseType = (
  type: string,
): { readonly name: keyof typeof ARRAYS; readonly components: number } => {
  const found = /^(\w+?)(?:\[(\d+)\])?$/.exec(type);
  const name = found?.[1] as keyof typeof ARRAYS | undefined;
  if (!found || !name || !(name in ARRAYS)) throw new RangeError(`a field of type ${type} cannot be shown`);
  return { name, components: Number(found[2] ?? 1) };
};

/** The field that points are coloured by; null where their display copy has what it takes. */
export const fieldOf = (mode: ColorMode): string | null =>
  mode.startsWith("field:") ? mode.slice("field:".length) : null;

/** What the points can be coloured by beside what their display copy has. */
export const fieldsOf = (lidars: readonly Lidar[]): readonly string[] => {
  const names = lidars.flatMap((lidar) =>
    lidar.fields.filter((field) => isShowable(field.type)).map((field) => field.name),
  );
  return [...new Set(names)];
};

const isShowable = (type: string | null): boolean =>
  type !== null && /^(bool|u?int(8|16|32|64)|float(32|64))(\[\d+\])?$/.test(type);

/** Whether a field's three first values are red, green and blue. */
export const isColor = (field: string, components: number): boolean => components >= 3 && COLOR.test(field);

/**
 * The values of a frame's blocks, each buffer the raw little-endian values of one block.
 *
 * Single values become float32, large ones counted from the least of them so that steps stay apart (a GPS time
 * in nanoseconds); colours of 16 bits or of floats become bytes. Of other vectors the first value is taken.
 */
export const readField = (field: string, type: string, buffers: readonly ArrayBuffer[]): FieldValues => {
  const { name, components } = parseType(type);
  const parts = buffers.map((buffer) => new ARRAYS[name](buffer));
  const count = parts.reduce((sum, part) => sum + Math.floor(part.length / components), 0);
  if (isColor(field, components)) return readColors(parts, components, count);
  const exact = new Float64Array(count);
  let at = 0;
  for (const part of parts)
    for (let n = 0; n + components <= part.length; n += components) exact[at++] = Number(part[n]!);
  const range = rangeOf(exact);
  const base = Math.abs(range[0]) > 1 << 20 ? range[0] : 0;
  const values = new Float32Array(count);
  for (let n = 0; n < count; n++) values[n] = exact[n]! - base;
  return { count, components: 1, values, range: [range[0] - base, range[1] - base], base, full: 1 };
};

const readColors = (
  parts: readonly InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>[],
  components: number,
  count: number,
): FieldValues => {
  const values = new Uint8Array(count * 4).fill(255);
  const largest = parts.reduce((most, part) => Math.max(most, largestOf(part, components)), 0);
  const full = largest <= 1 && !(parts[0] instanceof Uint8Array) ? 1 : largest <= 255 ? 255 : 65535;
  let to = 0;
  for (const part of parts) {
    for (let n = 0; n + components <= part.length; n += components, to += 4) {
      for (let axis = 0; axis < 3; axis++)
        values[to + axis] = Math.round((Number(part[n + axis]!) / full) * 255);
    }
  }
  return { count, components: 4, values, range: [0, 255], base: 0, full };
};

const largestOf = (part: ArrayLike<number | bigint>, components: number): number => {
  let most = 0;
  for (let n = 0; n < part.length; n++) if (n % components < 3) most = Math.max(most, Number(part[n]!));
  return most;
};

/** A part's values as if they were read together with the whole's: one ramp, and colours equally bright. */
export const asPartOf = (part: FieldValues, whole: FieldValues): FieldValues => {
  if (part.components !== whole.components) return part;
  if (part.components === 1) {
    const shift = whole.base - part.base;
    return { ...part, range: [whole.range[0] + shift, whole.range[1] + shift] };
  }
  if (part.full === whole.full) return part;
  const values = Uint8Array.from(part.values, (value, n) =>
    n % 4 === 3 ? 255 : Math.min(255, Math.round((value * part.full) / whole.full)),
  );
  return { ...part, values, full: whole.full };
};

const rangeOf = (values: Float64Array): readonly [number, number] => {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const sample = values.filter((value, n) => n % step === 0 && Number.isFinite(value)).sort();
  const at = (share: number): number => sample[Math.round(share * (sample.length - 1))] ?? 0;
  const [low, high] = [at(0.02), at(0.98)];
  if (high > low) return [low, high];
  const [least, most] = [at(0), at(1)];
  return most > least ? [least, most] : [least, least + 1];
};
