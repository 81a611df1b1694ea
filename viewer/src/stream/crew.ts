/** The page's side of the wire: hands work to a few workers, and takes it back when nobody wants it. */

import { ApiError } from "../protocol/errors";
import type { Answered, Asked, Cost, Results, Wire, Work } from "./work";

export interface Crew {
  /** Fails with an `ApiError`, an AbortError, or an Error that says what is wrong with the data. */
  perform<W extends Work>(work: W, signal: AbortSignal): Promise<Results[W["kind"]]>;
  close(): void;
}

export interface CrewOptions {
  /** Opens a worker; a bundled one by default. */
  readonly open?: () => Wire<Asked, Answered> & { terminate(): void };
  readonly size?: number;
  /** What each piece of work that was done cost. */
  readonly paid?: (kind: Work["kind"], cost: Cost) => void;
}

interface Waiting {
  readonly work: Work;
  readonly resolve: (value: Results[keyof Results]) => void;
  readonly reject: (reason: unknown) => void;
}

interface Member {
  readonly wire: Wire<Asked, Answered> & { terminate(): void };
  readonly waiting: Map<number, Waiting>;
}

const MOST = 3;

const openWorker = (): Worker =>
  new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "worldline data" });

/** Workers to keep: one for each core but the page's own. */
const usualSize = (): number =>
  Math.max(1, Math.min(MOST, (globalThis.navigator?.hardwareConcurrency ?? 2) - 1));

export const createCrew = (options: CrewOptions = {}): Crew => {
  const members: Member[] = [];
  let next = 0;

  const open = (): Member => {
    const wire: Member["wire"] = (options.open ?? openWorker)();
    const member: Member = { wire, waiting: new Map() };
    wire.addEventListener("message", ({ data }) => {
      const waiting = member.waiting.get(data.id);
      if (!waiting) {
        if ("value" in data && isImage(data.value)) data.value.close(); // came too late to be stopped
        return;
      }
      member.waiting.delete(data.id);
      if ("value" in data) {
        options.paid?.(waiting.work.kind, data.cost);
        waiting.resolve(data.value);
      } else waiting.reject("failure" in data ? new ApiError(data.failure) : new Error(data.error));
    });
    if (wire instanceof EventTarget) wire.addEventListener("error", (event) => fail(member, event));
    members.push(member);
    return member;
  };

  /** A worker that cannot start or died: what it was doing fails, the next work opens another. */
  const fail = (member: Member, event: Event): void => {
    const message = event instanceof ErrorEvent && event.message ? event.message : "could not be started";
    members.splice(members.indexOf(member), 1);
    member.wire.terminate();
    for (const { reject } of member.waiting.values()) reject(new Error(`the data worker: ${message}`));
    member.waiting.clear();
  };

  const freest = (): Member => {
    const best = members.reduce<Member | null>(
      (least, each) => (least && least.waiting.size <= each.waiting.size ? least : each),
      null,
    );
    const isBusy = best === null || best.waiting.size > 0;
    return isBusy && members.length < (options.size ?? usualSize()) ? open() : best!;
  };

  return {
    perform(work, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      const id = next++;
      const member = freest();
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          if (!member.waiting.delete(id)) return;
          member.wire.postMessage({ id, work: null }, []);
          reject(signal.reason);
        };
        const settle =
          <T>(answer: (value: T) => void) =>
          (value: T): void => {
            signal.removeEventListener("abort", abort);
            answer(value);
          };
        member.waiting.set(id, {
          work,
          resolve: settle(resolve as (value: Results[keyof Results]) => void),
          reject: settle(reject),
        });
        signal.addEventListener("abort", abort, { once: true });
        member.wire.postMessage({ id, work }, []);
      });
    },
    close() {
      const gone = new DOMException("the scene is closed", "AbortError");
      for (const member of members.splice(0)) {
        member.wire.terminate();
        for (const { reject } of member.waiting.values()) reject(gone);
      }
    },
  };
};

const isImage = (value: unknown): value is ImageBitmap =>
  typeof ImageBitmap !== "undefined" && value instanceof ImageBitmap;
