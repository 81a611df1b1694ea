/**
 * Keeps the user's labels and the server's the same.
 *
 * A change shows at once, waits on disk, and is sent in order until the server has acknowledged it:
 * a lost answer is asked for again under the same id, which the server answers as it did before. A
 * change that meets a newer value stops the queue and is shown as a conflict; one that the server
 * refuses is taken back with a notice.
 */

import type { Failure } from "../protocol/errors";
import type { WireChange, WireChangeAnswer, WireConflict } from "../protocol/wire";
import type { SaveState } from "../state/model";
import { readBase } from "./base";
import { type Edit, grown, isSame, type Op, type Pending, type PendingOp, type Seen } from "./change";
import { conflictOf, describeYield, judge, yielded } from "./conflict";
import type { Sync, SyncOptions } from "./contract";
import { createDocument } from "./document";
import {
  type Done,
  EMPTY_HISTORY,
  type History,
  inverseOps,
  withAdopted,
  withDone,
  withOps,
  without,
  withRedone,
  withUndone,
} from "./history";
import { newId } from "./id";
import { type ReadLabels, readPieces } from "./pieces";
import { createQueue } from "./queue";
import { createSender } from "./sender";
import { inSlices } from "./slices";

const HOLD_MS = 600;
const RETRY_MS = 500;
const LAST_WAIT_MS = 3000;

/** Opens the labels of a scene: the server's, with what this browser has not sent yet on top. */
export const openSync = async (options: SyncOptions, signal: AbortSignal): Promise<Sync> => {
  const { store, client, scene, outbox, shelf, notify } = options;
  const document = createDocument();
  const closing = new AbortController();
  const adopted = await outbox.adopt(scene);
  const read: ReadLabels = options.read ?? ((...asked) => readPieces(client, ...asked));
  document.load(await readBase(read, scene, signal));
  if (options.prepare) await inSlices(options.prepare(document.labels()), signal);

  let synced = document.revision;
  let history = withAdopted(shelf?.load() ?? EMPTY_HISTORY, adopted);
  let save: Pick<SaveState, "kind" | "message" | "saved_at"> = {
    kind: "saved",
    message: null,
    saved_at: null,
  };
  let conflicts: readonly WireConflict[] = [];
  const settlers = new Map<string, () => void>();

  const queue = createQueue(adopted, outbox, () => document.overlay(queue.items), cannotKeep);
  document.overlay(queue.items);

  function cannotKeep(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    const text = "Unsent changes cannot be kept on this computer: do not close this page until all is saved";
    notify({ kind: "error", text, detail, cancel: null, retry: null });
  }

  const publish = (): void => {
    const pending = queue.items.length;
    const kind = save.kind === "saved" && pending > 0 ? "saving" : save.kind;
    const state = store.getState();
    const next: SaveState = { kind, pending, saved_at: save.saved_at, message: save.message };
    store.setState({
      labels: document.labels(),
      revision: document.revision,
      save: isSame(next, state.save) ? state.save : next,
      can_undo: history.done.at(-1)?.label ?? null,
      can_redo: history.undone.at(-1)?.label ?? null,
    });
  };

  const remember = (next: History): void => {
    history = next;
    shelf?.save(history);
  };

  const settle = (change: Pending): void => {
    settlers.get(change.id)?.();
    settlers.delete(change.id);
  };

  // --- making changes ---

  const makeChange = (edit: Edit, undoes: string | null): Pending => ({
    id: newId(),
    seq: queue.nextSeq(),
    scene,
    owner: options.page,
    label: edit.label,
    cause: edit.cause,
    ops: document.prepare(edit.ops).map((op) => sinceSeen(op, edit.seen)),
    undoes,
    merge: edit.merge ?? null,
  });

  /** Who began a drag before somebody else's change came did not see it. */
  const sinceSeen = (op: PendingOp, seen: Seen | undefined): PendingOp => {
    const revision = seen?.get(op.path);
    return revision === undefined || typeof op.based_on !== "number" ? op : { ...op, based_on: revision };
  };

  /** The last change with other values, if it may still grow. */
  const amend = (edit: Edit, ops: readonly Op[]): Pending | null => {
    const last = queue.items.at(-1);
    if (!last || edit.merge === undefined || last.merge !== edit.merge || !sender.mayGrow(last)) return null;
    const known = new Set(last.ops.map((op) => op.path));
    const added = ops.filter((op) => !known.has(op.path));
    return grown(last, edit.label, ops, document.prepare(added, last.id));
  };

  const edit = (wanted: Edit): string | null => {
    const ops = wanted.ops.filter((op) => !isSame(document.value(op.path), op.value));
    if (ops.length === 0) return null;
    const more = amend(wanted, ops);
    const change = more ?? makeChange({ ...wanted, ops }, null);
    sender.touched();
    if (more) {
      queue.replace(more);
      remember(withOps(history, more.id, more.label, more.ops));
    } else {
      queue.push(change);
      sender.wake();
      remember(withDone(history, { id: change.id, label: change.label, ops: change.ops }));
    }
    publish();
    sender.run();
    return change.id;
  };

  const undoChange = (
    target: Done | undefined,
    verb: string,
    record: (by: Done) => History,
  ): Promise<void> => {
    if (!target) return Promise.resolve();
    const ops = inverseOps(target, document.value);
    const change = makeChange({ label: `${verb} ${target.label}`, cause: "undo", ops }, target.id);
    queue.push(change);
    remember(record({ id: change.id, label: target.label, ops: target.ops ? change.ops : null }));
    const done = new Promise<void>((resolve) => settlers.set(change.id, resolve));
    publish();
    sender.wake();
    sender.run();
    return done;
  };

  // --- sending ---

  const acknowledge = (change: Pending, answer: WireChangeAnswer): void => {
    document.confirm(answer.ops, answer.revision);
    queue.acknowledge(change, answer);
    save = { kind: "saved", message: null, saved_at: Date.now() };
    const skipped = answer.skipped ?? [];
    if (skipped.length > 0) {
      const text = `${change.label}: ${skipped.length} of its values had been changed since and stay as they are`;
      notify({ kind: "info", text, detail: skipped.join(", "), cancel: null, retry: null });
    }
    settle(change);
    publish();
  };

  const delay = (kind: "offline" | "error", message: string): void => {
    save = { ...save, kind, message: `${message}; kept here` };
    publish();
  };

  const refuse = async (change: Pending, failure: Failure): Promise<void> => {
    if (failure.code === "stale" && failure.conflicts.length > 0) {
      await catchUp().catch(() => undefined); // what was cleared has no revision in the conflict
      meetConflict(change, failure.conflicts);
    } else {
      drop(change);
      const text = `${change.undoes === null ? "Not saved" : "Not done"}: ${change.label}`;
      notify({ kind: "error", text, detail: failure.message, cancel: null, retry: null });
    }
  };

  // --- conflicts ---

  const meetConflict = (change: Pending, met: readonly WireConflict[]): void => {
    for (const each of met) document.confirm([{ path: each.path, value: each.theirs }], each.revision);
    const judged = judge(change, met);
    if (judged === "same") rebase(change, met);
    else if (judged === "yield") yieldTo(change, met);
    else {
      conflicts = met;
      save = { ...save, kind: "conflict", message: `${change.label} met a newer value` };
      store.setState({ conflict: conflictOf(change, met) });
      publish();
    }
  };

  /** The change as it is sent again, on top of the newer values. */
  const rebase = (change: Pending, met: readonly WireConflict[]): void => {
    queue.rebase(change, met);
    const again = queue.items.find((each) => each.id === change.id);
    if (again) remember(withOps(history, again.id, again.label, again.ops));
  };

  const yieldTo = (change: Pending, met: readonly WireConflict[]): void => {
    const less = yielded(change, met);
    queue.replace(less);
    remember(withOps(history, less.id, less.label, less.ops));
    notify({ kind: "info", text: describeYield(change, met), detail: null, cancel: null, retry: null });
    publish();
  };

  const resolveConflict = (decide: (change: Pending) => void): void => {
    const { conflict } = store.getState();
    const change = queue.items.find((each) => each.id === conflict?.change_id);
    if (!conflict || !change) return;
    decide(change);
    conflicts = [];
    save = { ...save, kind: "saved", message: null };
    store.setState({ conflict: null });
    publish();
    sender.run();
  };

  const drop = (change: Pending): void => {
    for (const fallen of queue.drop(change)) {
      remember(without(history, fallen.id));
      settle(fallen);
    }
    publish();
  };

  // --- hearing ---

  const receive = ({ ops, revision }: WireChange): void => {
    document.confirm(ops, revision);
    publish();
  };

  const catchUp = async (): Promise<void> => {
    for (;;) {
      const news = await client.changes(scene, synced, closing.signal);
      if (news.revision < synced) {
        document.load(await readBase(read, scene, closing.signal)); // another database behind the same address
        synced = document.revision;
        continue; // what was heard while it was read is in its journal
      }
      for (const change of news.changes) document.confirm(change.ops, change.revision);
      const last = news.changes.at(-1)?.revision ?? news.revision;
      synced = Math.max(synced, last);
      if (last >= news.revision) break;
    }
    publish();
  };

  const sender = createSender({
    client,
    scene,
    page: options.page,
    queue,
    hold_ms: options.hold_ms ?? HOLD_MS,
    retry_ms: options.retry_ms ?? RETRY_MS,
    closing: closing.signal,
    isBlocked: () => conflicts.length > 0,
    acknowledged: acknowledge,
    refused: refuse,
    delayed: delay,
    idle: publish,
  });
  publish();
  sender.run();

  return {
    edit,
    undo: () => undoChange(history.done.at(-1), "Undo", (by) => withUndone(history, by)),
    redo: () => undoChange(history.undone.at(-1), "Redo", (by) => withRedone(history, by)),
    keepMine: () => resolveConflict((change) => rebase(change, conflicts)),
    takeTheirs: () => resolveConflict(drop),
    value: document.value,
    seen: document.seen,
    pathsUnder: document.pathsUnder,
    receive,
    catchUp,
    retry: sender.wake,
    settled: sender.settled,
    flush: () => void sender.settled(),
    rescue() {
      outbox.rescue(queue.items);
      sender.farewell();
    },
    async close() {
      if (save.kind !== "offline") await sender.settledWithin(LAST_WAIT_MS);
      closing.abort();
      sender.wake();
    },
  };
};
