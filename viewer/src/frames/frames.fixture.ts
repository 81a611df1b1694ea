/** Pages as the server packs them, for tests. */

export interface Sensor {
  /** Times of its frames. */
  readonly time_ns: readonly number[];
  /** Times of the reference's frames. */
  readonly reference_ns: readonly number[];
  /** Blocks of each frame; none of a camera's. */
  readonly blocks?: readonly number[];
  /** Frames that are written. */
  readonly written?: number;
}

type Values = Float64Array | Int32Array | Uint32Array | Uint8Array;

export const packColumns = (
  facts: object,
  columns: readonly (readonly [string, Values, readonly number[]])[],
): ArrayBuffer => {
  const typed = columns.map(([name, values, shape]) => ({
    name,
    type: values.constructor.name.replace("Array", "").toLowerCase(),
    shape,
  }));
  let text = JSON.stringify({ ...facts, columns: typed });
  text += " ".repeat((8 - ((4 + text.length) % 8)) % 8);
  const parts: Uint8Array[] = [new Uint8Array(new Uint32Array([text.length]).buffer)];
  parts.push(new TextEncoder().encode(text));
  for (const [, values] of columns) {
    const padded = new Uint8Array(Math.ceil(values.byteLength / 8) * 8);
    padded.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    parts.push(padded);
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
};

/** The nearest frame, the slow way; the earlier of two that are as near. */
export const nearest = (times: readonly number[], time: number): number =>
  times.reduce((best, each, n) => (Math.abs(each - time) < Math.abs(times[best]! - time) ? n : best), 0);

/** A page of a sensor, cut as the server cuts it. */
export const packPage = (sensor: Sensor, page: number, page_frames: number): ArrayBuffer => {
  const { time_ns, reference_ns, blocks } = sensor;
  const from = page * page_frames;
  const to = Math.min(from + page_frames, reference_ns.length);
  const match = reference_ns.slice(from, to).map((time) => nearest(time_ns, time));
  const next = to < reference_ns.length ? nearest(time_ns, reference_ns[to]!) : time_ns.length;
  const first = page === 0 ? 0 : match[0]!;
  const end = to === reference_ns.length ? time_ns.length : Math.max(match.at(-1)! + 1, next);
  const ready_count = Math.max(Math.min(sensor.written ?? time_ns.length, end) - first, 0);
  const before = (frame: number): number =>
    (blocks ?? []).slice(0, frame).reduce((sum, each) => sum + each, 0);
  const block_first = before(first);
  const firsts = Array.from({ length: ready_count + 1 }, (_, n) => before(first + n) - block_first);
  const block_count = firsts.at(-1)!;
  const facts = {
    page,
    reference_first: from,
    reference_count: match.length,
    first,
    count: end - first,
    ready_count,
    block_first,
    names: time_ns.slice(first, end).map((_, n) => `name ${first + n}`),
  };
  const numbers = (count: number, of: (n: number) => number): number[] =>
    Array.from({ length: count }, (_, n) => of(n));
  const lidar = [
    ["first_block", new Int32Array(firsts), [firsts.length]],
    ["block_count", new Uint32Array(numbers(block_count, (n) => block_first + n + 1)), [block_count]],
    ["origin_m", new Float64Array(numbers(block_count * 3, (n) => n)), [block_count, 3]],
    ["scale_m", new Float64Array(numbers(block_count, () => 0.005)), [block_count]],
  ] as const;
  const count = end - first;
  const pose = numbers(count * 7, (n) => (n % 7 === 0 ? 1 : n % 7 === 4 ? first + Math.floor(n / 7) : 0));
  return packColumns(facts, [
    ["match", new Int32Array(match), [match.length]],
    ["time_ns", new Float64Array(time_ns.slice(first, end)), [count]],
    ["pose", new Float64Array(pose), [count, 7]],
    ...(blocks && ready_count > 0 ? lidar : []),
  ]);
};
