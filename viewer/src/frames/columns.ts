/** Columns of numbers with a header, as the server packs them: `pack_columns` of `formats/store/frames.py`. */

export type Column = Float64Array | Int32Array | Uint32Array | Uint8Array;

export interface Packed<Facts> {
  readonly facts: Facts;
  /** The values of a column; fails where there is none of that name. */
  column(name: string): Column;
}

interface ColumnHeader {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

const TYPES = {
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
} as const;

/** Fails with a RangeError where the bytes are too few or of a type that is not known. */
export const unpackColumns = <Facts>(buffer: ArrayBuffer): Packed<Facts> => {
  const length = new DataView(buffer).getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, length));
  const header = JSON.parse(text) as Facts & { readonly columns: readonly ColumnHeader[] };
  const columns = new Map<string, Column>();
  let offset = 4 + length;
  for (const { name, type, shape } of header.columns) {
    const View = TYPES[type as keyof typeof TYPES];
    if (!View) throw new RangeError(`column ${name} is of ${type}, which is not known here`);
    const count = shape.reduce((product, size) => product * size, 1);
    columns.set(name, new View(buffer, offset, count));
    offset += Math.ceil((count * View.BYTES_PER_ELEMENT) / 8) * 8;
  }
  return {
    facts: header,
    column(name) {
      const found = columns.get(name);
      if (!found) throw new RangeError(`there is no column ${name}`);
      return found;
    },
  };
};
