import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";
import { EMPTY_HISTORY } from "./history";
import { createFakeServer } from "./server.fixture";
import { alive, foldOf, KEY, keyframe, open, START, set, until } from "./viewer.fixture";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  alive.clear();
});

describe("changes", () => {
  test("show at once and are saved after", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server);
    set(sync, KEY(3), keyframe(1));
    expect(state().labels.tracks.get("7.cuboid")?.keyframes).toHaveLength(1);
    expect(state().save).toMatchObject({ kind: "saving", pending: 1 });
    await sync.settled();
    expect(state().save).toMatchObject({ kind: "saved", pending: 0 });
    expect(state().save.saved_at).not.toBeNull();
    expect(server.value(KEY(3))).toEqual(keyframe(1));
  });

  test("touch only what they change", async () => {
    const server = createFakeServer({ ...START, "objects/8": { class_name: "van", number: 8 } });
    const { sync, state } = await open(server);
    const before = state().labels;
    set(sync, "objects/8", { class_name: "bus", number: 8 });
    const after = state().labels;
    expect(after.tracks).toBe(before.tracks);
    expect(after.objects.get("7")).toBe(before.objects.get("7"));
    expect(after.objects.get("8")?.class_name).toBe("bus");
  });

  test("that change nothing are not made", async () => {
    const server = createFakeServer(START);
    const { sync } = await open(server);
    expect(set(sync, "objects/7", { number: 7, class_name: "car" })).toBeNull();
  });

  test("on top of one another build on one another", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server);
    for (let n = 0; n < 5; n++) set(sync, KEY(3), keyframe(n));
    await sync.settled();
    expect(state().conflict).toBeNull();
    expect(server.value(KEY(3))).toEqual(keyframe(4));
    expect(server.log).toHaveLength(5);
  });

  test("of one gesture become one", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server, { hold_ms: 60 });
    for (let n = 0; n < 5; n++) set(sync, KEY(3), keyframe(n), "Move car 7", "nudge");
    expect(state().save.pending).toBe(1);
    await until(() => state().save.pending === 0);
    expect(server.log).toHaveLength(1);
    expect(server.value(KEY(3))).toEqual(keyframe(4));
    await sync.undo();
    expect(server.value(KEY(3))).toBeNull();
  });

  test("that the server refuses are taken back and said", async () => {
    const server = createFakeServer(START);
    const { sync, state, notices } = await open(server);
    sync.edit({
      label: "Do the forbidden",
      cause: "manual",
      ops: [
        { path: KEY(1), value: keyframe(1) },
        { path: "objects/forbidden", value: { class_name: "car", number: 9 } },
      ],
    });
    set(sync, KEY(2), keyframe(2));
    await sync.settled();
    expect(notices).toMatchObject([{ kind: "error", text: "Not saved: Do the forbidden" }]);
    expect(
      state()
        .labels.tracks.get("7.cuboid")
        ?.keyframes.map((each) => each.frame),
    ).toEqual([2]);
    expect(state().save).toMatchObject({ kind: "saved", pending: 0 });
    expect(state().can_undo).toBe("Move car 7");
  });
});

test("a change that was on its way never grows, for the server may have it", async () => {
  const server = createFakeServer(START);
  const { sync, state } = await open(server, { hold_ms: 40 });
  set(sync, KEY(1), keyframe(1), "Move car 7", "nudge");
  server.loseAnswers(true);
  void sync.settled();
  await until(() => state().save.kind === "offline");
  set(sync, KEY(1), keyframe(2), "Move car 7", "nudge");
  server.loseAnswers(false);
  await sync.settled();
  expect(server.value(KEY(1))).toEqual(keyframe(2));
  expect(server.log).toHaveLength(2);
});

describe("without a network", () => {
  test("nothing is lost, and all is sent when it is back", async () => {
    const server = createFakeServer(START);
    const { sync, state } = await open(server);
    server.down(true);
    set(sync, KEY(1), keyframe(1));
    set(sync, KEY(2), keyframe(2));
    await until(() => state().save.kind === "offline");
    expect(state().save.pending).toBe(2);
    server.down(false);
    sync.retry();
    await sync.settled();
    expect(server.value(KEY(2))).toEqual(keyframe(2));
    expect(state().save).toMatchObject({ kind: "saved", pending: 0 });
  });

  test("a reload loses nothing", async () => {
    const server = createFakeServer(START);
    const shelf = { history: EMPTY_HISTORY };
    const first = await open(server, { shelf });
    server.down(true);
    set(first.sync, KEY(1), keyframe(1));
    set(first.sync, KEY(1), keyframe(2));
    await until(() => first.state().save.kind === "offline");
    first.kill();
    server.down(false);
    const second = await open(server, { shelf });
    expect(second.state().labels.tracks.get("7.cuboid")?.keyframes[0]?.pose?.translation_m[0]).toBe(2);
    await second.sync.settled();
    expect(server.value(KEY(1))).toEqual(keyframe(2));
    expect(server.log).toHaveLength(2);
    expect(second.state().can_undo).toBe("Move car 7");
    await second.sync.undo();
    expect(server.value(KEY(1))).toEqual(keyframe(1));
  });

  test("what a page keeps while it is left is newer than what it wrote", async () => {
    const server = createFakeServer(START);
    const kept = new Map<string, string>();
    const storage = {
      get length() {
        return kept.size;
      },
      key: (n: number) => [...kept.keys()][n] ?? null,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    } as unknown as Storage;
    const first = await open(server, { storage, hold_ms: 500 });
    set(first.sync, KEY(1), keyframe(1), "Move car 7", "nudge");
    await new Promise((resolve) => setTimeout(resolve, 20));
    set(first.sync, KEY(1), keyframe(2), "Move car 7", "nudge");
    first.sync.rescue();
    first.kill();
    const second = await open(server, { storage });
    await second.sync.settled();
    expect(server.value(KEY(1))).toEqual(keyframe(2));
    expect(server.log).toHaveLength(1);
    expect(kept.size).toBe(0);
  });

  test("a page leaves the changes of another page that lives alone", async () => {
    const server = createFakeServer(START);
    const first = await open(server);
    server.down(true);
    set(first.sync, KEY(1), keyframe(1));
    await until(() => first.state().save.kind === "offline");
    server.down(false);
    const second = await open(server);
    expect(second.state().save.pending).toBe(0);
    first.sync.retry();
    await first.sync.settled();
    expect(server.log).toHaveLength(1);
  });
});

describe("conflicts", () => {
  const meet = async () => {
    const server = createFakeServer({ ...START, [KEY(1)]: keyframe(0) });
    const one = await open(server);
    server.change([{ path: KEY(1), value: keyframe(50) }]);
    set(one.sync, KEY(1), keyframe(1));
    set(one.sync, KEY(1), keyframe(2));
    set(one.sync, KEY(4), keyframe(4));
    await until(() => one.state().conflict !== null);
    return { server, ...one };
  };

  test("are shown with both values, and stop the queue", async () => {
    const { state, server } = await meet();
    expect(state().conflict?.items).toMatchObject([
      { path: KEY(1), yours: keyframe(1), theirs: keyframe(50), author: "Ada" },
    ]);
    expect(state().save).toMatchObject({ kind: "conflict", pending: 3 });
    expect(server.value(KEY(4))).toBeNull();
  });

  test("keep mine sends mine on top of theirs", async () => {
    const { state, server, sync } = await meet();
    sync.keepMine();
    await sync.settled();
    expect(state().conflict).toBeNull();
    expect(server.value(KEY(1))).toEqual(keyframe(2));
    expect(server.value(KEY(4))).toEqual(keyframe(4));
  });

  test("take theirs gives up mine, and what I built on it is asked about again", async () => {
    const { state, server, sync } = await meet();
    sync.takeTheirs();
    await until(() => state().conflict !== null);
    expect(state().conflict?.items[0]?.yours).toEqual(keyframe(2));
    sync.takeTheirs();
    await sync.settled();
    expect(server.value(KEY(1))).toEqual(keyframe(50));
    expect(server.value(KEY(4))).toEqual(keyframe(4));
    expect(state().labels.tracks.get("7.cuboid")?.keyframes[0]?.pose?.translation_m[0]).toBe(50);
  });

  test("there is none where both did the same", async () => {
    const server = createFakeServer({ ...START, [KEY(1)]: keyframe(0) });
    const { sync, state } = await open(server);
    server.change([{ path: KEY(1), value: keyframe(1) }]);
    set(sync, KEY(1), keyframe(1));
    await sync.settled();
    expect(state().conflict).toBeNull();
    expect(state().save.pending).toBe(0);
  });
});

test("a value that someone cleared is a conflict too, and theirs is taken", async () => {
  const server = createFakeServer({ ...START, [KEY(1)]: keyframe(0) });
  const { sync, state } = await open(server);
  server.change([{ path: KEY(1), value: null }]);
  set(sync, KEY(1), keyframe(1));
  await until(() => state().conflict !== null);
  expect(state().conflict?.items).toMatchObject([{ theirs: null, yours: keyframe(1) }]);
  sync.takeTheirs();
  await sync.settled();
  expect(state().labels).toEqual(foldOf(server.values()));
});
