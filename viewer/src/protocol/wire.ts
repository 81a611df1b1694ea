/**
 * What goes over the wire, by the names that the viewer uses.
 *
 * All of it comes from the server's description of itself (`npm run protocol`); only what a label path
 * holds, which the description leaves open, is written here as the label model has it.
 */

import type { AttributeValue, Source } from "../state/model";
import type { components } from "./protocol.gen";

/** The same, never to be changed in place. */
type Frozen<T> = T extends (infer U)[]
  ? number extends T["length"]
    ? readonly Frozen<U>[]
    : Readonly<T>
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;
type Schema<K extends keyof components["schemas"]> = Frozen<components["schemas"][K]>;

// --- what a label path holds ---

export interface PoseValue {
  readonly center_m: readonly [number, number, number];
  readonly rotation_wxyz: readonly [number, number, number, number];
}

export interface BoxValue {
  readonly box_px: readonly [number, number, number, number];
}

export interface ObjectValue {
  readonly class_name: string;
  readonly number: number;
}

export interface TrackValue {
  readonly object: string;
  readonly kind: "cuboid" | "box";
  readonly space: string;
  readonly size_m: readonly [number, number, number] | null;
}

export interface KeyframeValue {
  readonly shape: PoseValue | BoxValue;
  readonly source: Source;
  readonly verified_by: string | null;
  readonly quality: number | null;
}

export interface SpanValue {
  readonly start: number;
  readonly end: number;
  readonly occlusion: number;
}

/** What a path of the label document holds; null clears it. */
export type LabelValue =
  | ObjectValue
  | TrackValue
  | KeyframeValue
  | readonly SpanValue[]
  | readonly (readonly [number, number, number, number])[]
  | AttributeValue;

/** A document of the server in which the value of a path is a label's. */
type Labelled<T> = Omit<T, "value"> & { readonly value: LabelValue | null };

// --- scenes ---

export type WireSession = Schema<"SessionDocument">;
export type WireFormat = Schema<"FormatDocument">;
export type WireSceneRow = Schema<"SceneSummary">;
export type WireScene = Schema<"SceneDocument">;
export type WireLidar = Schema<"LidarDocument">;
export type WireCamera = Schema<"CameraDocument">;
export type WireFrame = Schema<"FrameDocument">;

// --- labels ---

export type Cause = Schema<"ChangeDocument">["cause"];
export type WireOp = Labelled<Schema<"AppliedOpDocument">>;
export type WireEntry = Omit<Schema<"EntryDocument">, "value"> & { readonly value: LabelValue };
export type WireLabels = Omit<Schema<"LabelsDocument">, "entries"> & {
  readonly entries: readonly WireEntry[];
};
export type WireChangeRequest = Omit<Schema<"ChangeDocument">, "ops"> & {
  readonly ops: readonly Labelled<Schema<"OpDocument">>[];
};
export type WireUndoRequest = Schema<"UndoRequest">;
export type WireChangeAnswer = Pick<Schema<"AppliedDocument">, "id" | "revision"> & {
  readonly ops: readonly WireOp[];
  readonly skipped?: readonly string[];
};
/** A change of the journal. */
export type WireChange = Pick<Schema<"AppliedDocument">, "id" | "revision" | "label" | "author" | "cause"> & {
  readonly ops: readonly WireOp[];
};
export type WireChanges = Pick<Schema<"HistoryDocument">, "revision"> & {
  readonly changes: readonly WireChange[];
};

/** The detail of an answer with code `stale`. */
export interface WireConflict {
  readonly path: string;
  readonly yours: LabelValue | null;
  readonly theirs: LabelValue | null;
  readonly revision: number;
  readonly author: string | null;
}

// --- assistance and jobs ---

export type WireFitRequest = Schema<"FitRequest">;
export type WireFit = Schema<"FitDocument">;
export type WirePropagateRequest = Pick<
  Schema<"PropagateRequest">,
  "track" | "frame" | "direction" | "frame_count"
>;
export type WirePropagation = Schema<"PropagationDocument">;
export type WireSolveRequest = Pick<Schema<"SolveRequest">, "track" | "is_still">;
export type WireSolution = Schema<"SolutionDocument">;
export type WireJob = Schema<"JobDocument">;
export type WireUpload = Schema<"UploadDocument">;
export type WireMergeRequest = Pick<Schema<"MergeRequest">, "kind"> & Partial<Schema<"MergeRequest">>;
export type WireMerged = Schema<"MergedDocument">;

// --- the live connection ---

export type WirePerson = Schema<"PersonDocument">;
/** What the live connection says. */
export type WireLive =
  | (WireChange & Pick<Schema<"ChangeMessage">, "type" | "client">)
  | Schema<"PresenceMessage">
  | Schema<"ReadyMessage">;
