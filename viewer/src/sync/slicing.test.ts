import { describe, expect, test } from "vitest";
import type { Client } from "../protocol/client";
import type { KeyframeValue, LabelValue, WireEntry } from "../protocol/wire";
import { createBase, readBase } from "./base";
import { keyframeInRow, packKeyframes, rowOf } from "./columns";
import { createDocument } from "./document";
import { createFold } from "./fold";
import { readPieces } from "./pieces";
import { createRandom } from "./server.fixture";
import { inSlices } from "./slices";

const nobody = new AbortController().signal;

/** The labels of a scene as a server has them, in order of path. */
const someEntries = (random: () => number, count: number): WireEntry[] => {
  const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const found = new Map<string, LabelValue>();
  for (let n = 0; n < count; n++) {
    const id = pick("1", "2", "7");
    const frame = Math.floor(random() * 40);
    const keyframe: KeyframeValue = {
      shape:
        random() < 0.8
          ? { center_m: [random(), -random(), 1 / 3], rotation_wxyz: [-0.6, 0, 0, 0.8] }
          : { box_px: [1, 2, random(), 4] },
      source: pick("human", "propagated", "imported", "model"),
      verified_by: pick(null, "ann", "bob"),
      quality: pick(null, random(), 0),
    };
    const [path, value] = pick<readonly [string, LabelValue]>(
      [`objects/${id}`, { class_name: "car", number: Number(id) }],
      [`objects/${id}/attributes/colour`, pick("red", "blue")],
      [`tracks/${id}.cuboid`, { object: id, kind: "cuboid", space: "world", size_m: [4, 2, 1.5] }],
      [`tracks/${id}.cuboid/spans`, [{ start: 0, end: frame + 1, occlusion: 0 }]],
      [`tracks/${id}.cuboid/attributes/state/${frame}`, pick("moving", "parked")],
      [`ignore_regions/front/${frame}`, [[0, 0, 1, 1]]],
      [`tracks/${id}.cuboid/keyframes/${frame}`, keyframe],
      [`tracks/${id}.cuboid/keyframes/${frame + 40}`, keyframe],
      [`tracks/${id}.cuboid/keyframes/${frame + 80}`, { ...keyframe, made_with: "more" } as LabelValue],
    );
    found.set(path, value);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, value]) => ({ path, value, revision: 1 + Math.floor(random() * 9), author: "ann" }));
};

const serverOf = (entries: readonly WireEntry[]): Pick<Client, "labels"> & { asked: number } => ({
  asked: 0,
  async labels(_scene, _signal, page = {}) {
    this.asked += 1;
    const rest = entries.filter((entry) => entry.path > (page.after ?? ""));
    const shown = rest.slice(0, page.limit);
    return { revision: 9, next: shown.length < rest.length ? shown.at(-1)!.path : null, entries: shown };
  },
});

/** A server with other pages than it is asked for. */
const cutting = (server: ReturnType<typeof serverOf>, random: () => number): Pick<Client, "labels"> => ({
  labels: (scene, signal, page) =>
    server.labels(scene, signal, { ...page, limit: 1 + Math.floor(random() * 9) }),
});

describe("labels", () => {
  test("are the same in whatever pages and slices they come", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      const entries = someEntries(random, 120);
      const fold = createFold();
      for (const { path, value } of entries) fold.set(path, value);
      const client = cutting(serverOf(entries), random);
      const base = await readBase((...asked) => readPieces(client, ...asked), "s", nobody);
      const document = createDocument();
      document.load(base);

      expect(base.fold.labels()).toEqual(fold.labels());
      expect(document.labels()).toBe(document.labels());
      expect(document.revision).toBe(9);
      for (const { path, value, revision } of entries) expect(base.entry(path)).toEqual({ value, revision });
      for (const prefix of ["", "objects/1", "tracks/1.cuboid/", "tracks/7.cuboid/keyframes/4", "tracks/9"]) {
        const paths = entries.map((entry) => entry.path).filter((path) => path.startsWith(prefix));
        expect(document.pathsUnder(prefix)).toEqual(paths);
      }
    }
  });

  test("take changes as if each had been set by itself", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = createRandom(seed);
      const [entries, newer] = [someEntries(random, 100), someEntries(random, 30)];
      const fold = createFold();
      for (const { path, value } of entries) fold.set(path, value);
      const document = createDocument();
      document.load(await readBase((...asked) => readPieces(serverOf(entries), ...asked), "s", nobody));
      newer.forEach(({ path, value }, n) => {
        const now = random() < 0.3 ? null : value;
        fold.set(path, now);
        document.confirm([{ path, value: now }], 10 + n);
        expect(document.value(path)).toEqual(now);
        expect(document.confirmed(path).revision).toBe(10 + n);
      });
      expect(document.labels()).toEqual(fold.labels());
    }
  });

  test("that came are not touched by what came after", async () => {
    const entries = someEntries(createRandom(5), 100);
    const document = createDocument();
    document.load(await readBase((...asked) => readPieces(serverOf(entries), ...asked), "s", nobody));
    const before = document.labels();
    const copy = structuredClone(before);
    const path = entries.find((entry) => entry.path.includes("/keyframes/"))!.path;
    document.confirm([{ path, value: null }], 10);
    expect(document.labels()).not.toBe(before);
    expect(before).toEqual(copy);
  });
});

test("keyframes come out of their columns as they went in", () => {
  const entries = someEntries(createRandom(3), 300);
  const { columns, rest } = packKeyframes(entries);
  expect(rest.length + columns.frames.length).toBe(entries.length);
  expect(rest.filter((entry) => JSON.stringify(entry.value).includes("made_with")).length).toBeGreaterThan(0);
  for (const { path, value } of entries.filter((entry) => !rest.includes(entry))) {
    const [, track, , frame] = path.split("/");
    const row = rowOf(columns, columns.tracks.indexOf(track!), Number(frame));
    expect(keyframeInRow(columns, row)).toEqual(value);
  }
  expect(rowOf(columns, 0, 5000)).toBe(-1);
});

test("work gives way after each slice, and ends where nobody wants it any more", async () => {
  const closing = new AbortController();
  let steps = 0;
  function* work(): Generator<void, number> {
    for (; steps < 20; steps++) yield;
    return steps;
  }
  const done = inSlices(work(), nobody, 0);
  expect(steps).toBe(0);
  await expect(done).resolves.toBe(20);
  steps = 0;
  const stopped = inSlices(work(), closing.signal, 0);
  closing.abort();
  await expect(stopped).rejects.toThrow("abort");
  expect(steps).toBeLessThan(20);
});

test("a step of taking labels in is short, however many come at once", () => {
  const entry = (n: number): WireEntry => ({
    path: `tracks/1.cuboid/keyframes/${n}`,
    value: {
      shape: { center_m: [n, 0, 0], rotation_wxyz: [1, 0, 0, 0] },
      source: "human",
      verified_by: null,
      quality: null,
    },
    revision: 1,
    author: "ann",
  });
  const { columns } = packKeyframes(Array.from({ length: 5000 }, (_, n) => entry(n)));
  const steps = [...createBase().take({ revision: 1, columns, entries: [] })].length;
  expect(steps).toBeGreaterThanOrEqual(50);
});
