/** What can go wrong between viewer and server, narrowed by `code`. */

import type { WireConflict } from "./wire";

export type Failure =
  | { readonly code: "network"; readonly status: 0; readonly message: string }
  | {
      readonly code: "stale";
      readonly status: number;
      readonly message: string;
      readonly conflicts: readonly WireConflict[];
    }
  | { readonly code: "protected" | "label" | "fit"; readonly status: number; readonly message: string }
  | { readonly code: "frame_pending" | "not_found"; readonly status: number; readonly message: string }
  /** Anything else: `name` is the server's own code. */
  | { readonly code: "other"; readonly status: number; readonly message: string; readonly name: string };

export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** The failure that an error carries, null for one that is not the protocol's. */
export const failureOf = (error: unknown): Failure | null =>
  error instanceof ApiError ? error.failure : null;

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === "AbortError" || error.name === "TimeoutError");

/** Whether trying again later may help: the network, or a server that is not well. */
export const isTransient = (failure: Failure): boolean =>
  failure.code === "network" || failure.status >= 500 || failure.status === 429 || failure.status === 408;

/** The failure in an answer that is not OK. */
export const failureFromAnswer = async (answer: Response): Promise<Failure> => {
  const body: unknown = await answer.json().catch(() => null);
  const status = answer.status;
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const name = typeof fields.code === "string" ? fields.code : `http_${status}`;
  const message =
    typeof fields.message === "string"
      ? fields.message
      : `The server answered ${status} ${answer.statusText}`;
  switch (name) {
    case "stale":
      return { code: "stale", status, message, conflicts: conflictsOf(fields.detail) };
    case "protected":
    case "label":
    case "fit":
    case "frame_pending":
    case "not_found":
      return { code: name, status, message } as Failure;
    default:
      if (status === 404) return { code: "not_found", status, message };
      if (status === 425) return { code: "frame_pending", status, message };
      return { code: "other", status, message, name };
  }
};

const conflictsOf = (detail: unknown): readonly WireConflict[] => {
  const conflicts = (detail as { conflicts?: unknown } | null)?.conflicts;
  return Array.isArray(conflicts) ? (conflicts as WireConflict[]) : [];
};
