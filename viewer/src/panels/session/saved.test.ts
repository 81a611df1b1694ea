import { expect, test } from "vitest";
import type { SaveState } from "../../state/model";
import { createStateStore } from "../../state/store";
import { untilSaved } from "./saved";

const save = (kind: SaveState["kind"]): { save: SaveState } => ({
  save: { kind, pending: kind === "saved" ? 0 : 1, saved_at: null, message: null },
});

test("waits while changes are on their way", async () => {
  const store = createStateStore();
  store.setState(save("saving"));
  let done = false;
  const waited = untilSaved(store).then(() => {
    done = true;
  });
  await Promise.resolve();
  expect(done).toBe(false);
  store.setState(save("saved"));
  await waited;
  expect(done).toBe(true);
});

test.each(["saved", "offline", "conflict", "error"] as const)("does not wait when %s", async (kind) => {
  const store = createStateStore();
  store.setState(save(kind));
  await untilSaved(store);
});
