/**
 * Sends the queue in order, one change at a time, until it is empty or the user has to decide.
 *
 * What the network loses is sent again under the same id. A change that may still grow waits for its
 * time, unless something waits behind it; once it was on its way it never grows again, for the server
 * may have it already.
 */

import type { Client } from "../protocol/client";
import { type Failure, failureOf, isAbort, isTransient } from "../protocol/errors";
import type { WireChangeAnswer, WireChangeRequest } from "../protocol/wire";
import type { Pending, PendingOp } from "./change";
import type { Queue } from "./queue";

export interface SenderOptions {
  readonly client: Client;
  readonly scene: string;
  readonly page: string;
  readonly queue: Queue;
  readonly hold_ms: number;
  readonly retry_ms: number;
  readonly closing: AbortSignal;
  /** Whether a conflict waits for the user. */
  readonly isBlocked: () => boolean;
  readonly acknowledged: (change: Pending, answer: WireChangeAnswer) => void;
  readonly refused: (change: Pending, failure: Failure) => Promise<void>;
  /** The change is kept and will be tried again. */
  readonly delayed: (kind: "offline" | "error", message: string) => void;
  readonly idle: () => void;
}

export interface Sender {
  /** Sends what there is, if it does not already. */
  run(): void;
  /** A change was made or grew just now. */
  touched(): void;
  /** Whether a change may still grow. */
  mayGrow(change: Pending): boolean;
  /** Ends any waiting. */
  wake(): void;
  /** The page is being left: what can be sent without waiting for an answer is sent now. */
  farewell(): void;
  /** As `settled`, but not for longer. */
  settledWithin(wait_ms: number): Promise<void>;
  /** Sends at once what could still grow; resolves when there is nothing to send or the user has to decide. */
  settled(): Promise<void>;
}

const LONGEST_RETRY_MS = 3000;
const TIMEOUT_MS = 20_000;

export const createSender = (options: SenderOptions): Sender => {
  const { client, scene, page, queue, hold_ms, closing } = options;
  const attempted = new Set<string>();
  let touched_at = 0;
  let running: Promise<void> | null = null;
  let wake = (): void => undefined;

  const canSend = (): boolean => queue.items.length > 0 && !options.isBlocked() && !closing.aborted;

  const run = (): void => {
    if (!canSend()) return;
    running ??= sendAll().finally(() => {
      running = null;
      options.idle();
      run(); // something may have come while the last one was on its way out
    });
  };

  const sendAll = async (): Promise<void> => {
    let failures = 0;
    while (canSend()) {
      await holdOpen();
      const head = queue.items[0];
      if (!head || closing.aborted) return;
      try {
        attempted.add(head.id);
        options.acknowledged(head, await send(head));
        attempted.delete(head.id);
        failures = 0;
      } catch (error) {
        if (closing.aborted) return;
        const failure = failureOf(error) ?? timeoutFailure(error);
        if (failure && isRefusal(failure, head)) {
          await options.refused(head, failure);
          continue;
        }
        const isOffline = failure !== null && isTransient(failure);
        options.delayed(isOffline ? "offline" : "error", failure?.message ?? String(error));
        await pause(Math.min(options.retry_ms * 2 ** failures, LONGEST_RETRY_MS));
        failures += 1;
      }
    }
  };

  const holdOpen = async (): Promise<void> => {
    for (;;) {
      const [head, behind] = queue.items;
      if (!head || behind || head.merge === null || !mayGrow(head) || closing.aborted) return;
      await pause(touched_at + hold_ms - Date.now());
    }
  };

  const mayGrow = (change: Pending): boolean =>
    change.undoes === null && !attempted.has(change.id) && Date.now() - touched_at < hold_ms;

  const pause = (wait_ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, wait_ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const send = (change: Pending): Promise<WireChangeAnswer> => {
    const limit = AbortSignal.any([closing, AbortSignal.timeout(TIMEOUT_MS)]);
    const { id, undoes } = change;
    if (undoes !== null) return client.undoChange(scene, undoes, { id, client: page }, limit);
    return client.postChange(scene, requestOf(change), limit);
  };

  const requestOf = ({ id, label, cause, ops }: Pending): WireChangeRequest => ({
    id,
    label,
    cause,
    ops: ops.map(({ path, value, based_on }) => ({
      path,
      value,
      based_on: typeof based_on === "number" ? based_on : 0,
    })),
    client: page,
  });

  const settled = async (): Promise<void> => {
    touched_at = 0;
    wake();
    await queue.kept();
    while (running) await running;
  };

  return {
    run,
    mayGrow,
    touched() {
      touched_at = Date.now();
    },
    wake: () => wake(),
    farewell() {
      if (options.isBlocked()) return;
      // What builds on an unanswered change waits for the next page: it will find all of it on the disk.
      const ready = queue.items.filter((each) => each.undoes === null && each.ops.every(isGrounded));
      for (const change of ready) {
        attempted.add(change.id);
        client.sendOff(scene, requestOf(change));
      }
    },
    settled,
    settledWithin: (wait_ms) =>
      Promise.race([settled(), new Promise<void>((resolve) => setTimeout(resolve, wait_ms))]),
  };
};

const isGrounded = (op: PendingOp): boolean => typeof op.based_on === "number";

/** Whether the server will never take this change; after anything else it may, so the change is kept. */
const isRefusal = (failure: Failure, change: Pending): boolean =>
  [400, 409, 413, 422].includes(failure.status) || (failure.code === "not_found" && change.undoes !== null);

/** A request that took too long is a network failure. */
const timeoutFailure = (error: unknown): Failure | null =>
  isAbort(error) ? { code: "network", status: 0, message: "The server did not answer in time" } : null;
