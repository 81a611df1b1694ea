/** A server in memory for tests, behind a network that loses, doubles and delays. */

import { createClient } from "../protocol/client";
import type {
  Cause,
  LabelValue,
  WireChange,
  WireChangeAnswer,
  WireChangeRequest,
  WireOp,
} from "../protocol/wire";
import { isSame } from "./change";

export interface Faults {
  /** Shares of requests, 0 to 1. */
  readonly lostRequest?: number;
  readonly lostAnswer?: number;
  readonly doubled?: number;
  readonly longest_delay_ms?: number;
}

type Recorded = WireChange & { readonly before: readonly WireOp[] };

export const createRandom = (seed: number) => (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

export const createFakeServer = (initial: Readonly<Record<string, LabelValue>> = {}) => {
  const entries = new Map<string, { value: LabelValue; revision: number; author: string }>();
  const log: Recorded[] = [];
  const answers = new Map<string, WireChangeAnswer>();
  const listeners = new Set<(change: WireChange) => void>();
  let revision = 1;
  let isDown = false;
  let losesAnswers = false;
  for (const [path, value] of Object.entries(initial))
    entries.set(path, { value, revision, author: "import" });

  const apply = (
    id: string,
    label: string,
    cause: Cause,
    author: string,
    ops: readonly WireOp[],
  ): WireChangeAnswer => {
    revision += 1;
    const before = ops.map(({ path }) => ({ path, value: entries.get(path)?.value ?? null }));
    for (const { path, value } of ops) {
      if (value === null) entries.delete(path);
      else entries.set(path, { value, revision, author });
    }
    const change = { revision, id, label, author, cause, ops };
    log.push({ ...change, before });
    const answer = { id, revision, ops };
    answers.set(id, answer);
    for (const listener of listeners) listener(change);
    return answer;
  };

  const post = (author: string, request: WireChangeRequest): Response => {
    const known = answers.get(request.id);
    if (known) {
      const same = isSame(
        known.ops,
        request.ops.map(({ path, value }) => ({ path, value })),
      );
      return same
        ? json(200, known)
        : json(409, { code: "reused_id", message: "another change", detail: null });
    }
    if (request.ops.some((op) => op.path.includes("forbidden"))) {
      return json(422, { code: "label", message: "no label has such a path", detail: null });
    }
    const conflicts = request.ops.flatMap((op) => {
      const there = entries.get(op.path);
      if ((there?.revision ?? 0) === op.based_on || (!there && op.based_on === 0)) return [];
      return [
        {
          path: op.path,
          yours: op.value,
          theirs: there?.value ?? null,
          revision: there?.revision ?? 0,
          author: there?.author ?? "someone",
        },
      ];
    });
    if (conflicts.length > 0) return json(409, { code: "stale", message: "changed", detail: { conflicts } });
    const ops = request.ops.map(({ path, value }) => ({ path, value }));
    return json(200, apply(request.id, request.label, request.cause, author, ops));
  };

  const undo = (author: string, target: string, id: string): Response => {
    const known = answers.get(id);
    if (known) return json(200, known);
    const change = log.find((each) => each.id === target);
    if (!change)
      return json(404, { code: "not_found", message: `there is no change ${target}`, detail: null });
    const isStill = (path: string) =>
      isSame(entries.get(path)?.value ?? null, change.ops.find((op) => op.path === path)?.value ?? null);
    const ops = change.before.filter((op) => isStill(op.path));
    const skipped = change.before.filter((op) => !isStill(op.path)).map((op) => op.path);
    const answer = { ...apply(id, `Undo ${change.label}`, "undo", author, ops), skipped };
    answers.set(id, answer);
    return json(200, answer);
  };

  const answer = (author: string, url: string, init: RequestInit | undefined): Response => {
    const { pathname, searchParams } = new URL(url);
    const parts = pathname.split("/").slice(4); // after /api/scenes/{scene}
    const body: unknown = init?.body ? JSON.parse(String(init.body)) : null;
    if (parts[0] === "labels") {
      return json(200, { revision, entries: [...entries].map(([path, entry]) => ({ path, ...entry })) });
    }
    if (parts[0] === "changes" && init?.method !== "POST") {
      const since = Number(searchParams.get("since"));
      return json(200, { revision, changes: log.filter((change) => change.revision > since).slice(0, 20) });
    }
    if (parts[2] === "undo") return undo(author, parts[1] ?? "", (body as { id: string }).id);
    return post(author, body as WireChangeRequest);
  };

  return {
    client: (author: string, random: () => number = () => 1, faults: Faults = {}) =>
      createClient({
        origin: "http://server",
        fetch: async (input, init) => {
          const delay = () =>
            new Promise((resolve) => setTimeout(resolve, random() * (faults.longest_delay_ms ?? 0)));
          await delay();
          init?.signal?.throwIfAborted();
          if (isDown || random() < (faults.lostRequest ?? 0)) throw new TypeError("lost on the way there");
          const reply = answer(author, String(input), init);
          if (random() < (faults.doubled ?? 0)) answer(author, String(input), init);
          await delay();
          if (losesAnswers || random() < (faults.lostAnswer ?? 0))
            throw new TypeError("lost on the way back");
          return reply;
        },
      }),
    /** Someone else's change. */
    change: (ops: readonly WireOp[], author = "Ada") =>
      apply(crypto.randomUUID(), "Theirs", "manual", author, ops),
    listen: (listener: (change: WireChange) => void) => listeners.add(listener),
    down: (down: boolean) => {
      isDown = down;
    },
    loseAnswers: (loses: boolean) => {
      losesAnswers = loses;
    },
    value: (path: string) => entries.get(path)?.value ?? null,
    values: () => Object.fromEntries([...entries].map(([path, { value }]) => [path, value])),
    log,
  };
};

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
