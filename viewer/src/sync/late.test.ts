import { expect, test, vi } from "vitest";
import type { Sync } from "./contract";
import { createLateSync } from "./late";

const EDIT = { label: "Move", cause: "manual", ops: [{ path: "tracks/1/spans", value: null }] } as const;

test("before the labels are read nothing is edited, and the user is told", async () => {
  const tooEarly = vi.fn();
  const late = createLateSync(tooEarly);
  expect(late.edit(EDIT)).toBeNull();
  await late.undo();
  expect(tooEarly).toHaveBeenCalledTimes(2);
  expect([late.value("tracks/1"), late.pathsUnder("tracks/")]).toEqual([null, []]);
  await Promise.all([late.settled(), late.catchUp(), late.close()]);
});

test("from then on all goes to the sync of the labels", async () => {
  const tooEarly = vi.fn();
  const late = createLateSync(tooEarly);
  const sync = {
    edit: vi.fn(() => "id"),
    undo: vi.fn(async () => undefined),
    value: () => 7,
    close: vi.fn(async () => undefined),
  } as unknown as Sync;
  late.become(sync);
  expect(late.edit(EDIT)).toBe("id");
  await late.undo();
  await late.close();
  expect(late.value("objects/1/attributes/n")).toBe(7);
  expect([sync.undo, sync.close, tooEarly].map((each) => vi.mocked(each).mock.calls.length)).toEqual([
    1, 1, 0,
  ]);
});
