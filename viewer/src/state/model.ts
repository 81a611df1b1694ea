/**
 * What the viewer knows: the scene, its labels, and where the user is in it.
 *
 * Lengths are metres, angles radians, times nanoseconds from the scene's start. `a_from_b` maps
 * coordinates in b to coordinates in a; quaternions are scalar first.
 */

export type Vec3 = readonly [number, number, number];
export type Quat = readonly [number, number, number, number];

export interface Pose {
  readonly rotation_wxyz: Quat;
  readonly translation_m: Vec3;
}

/** A cuboid of the world: `pose` is world_from_cuboid; size is length, width, height. */
export interface Cuboid {
  readonly pose: Pose;
  readonly size_m: Vec3;
}

/** Left, top, right, bottom in pixels. */
export type Box = readonly [number, number, number, number];

export type Source = "human" | "propagated" | "imported" | "model";

export interface Keyframe {
  readonly frame: number;
  readonly pose: Pose | null; // cuboid tracks
  readonly box: Box | null; // box tracks
  readonly source: Source;
  readonly verified_by: string | null;
  readonly quality: number | null;
}

/** Half-open, [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly occlusion: number;
}

export interface Track {
  readonly id: string;
  readonly object_id: string;
  readonly kind: "cuboid" | "box";
  readonly space: string;
  readonly size_m: Vec3 | null;
  readonly keyframes: readonly Keyframe[]; // by frame
  readonly spans: readonly Span[];
  readonly attributes: Readonly<Record<string, readonly { frame: number; value: AttributeValue }[]>>;
}

export type AttributeValue = string | number | boolean;

export interface SceneObject {
  readonly id: string;
  readonly class_name: string;
  readonly number: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface Labels {
  readonly objects: ReadonlyMap<string, SceneObject>;
  readonly tracks: ReadonlyMap<string, Track>;
  readonly ignore_regions: ReadonlyMap<string, readonly Box[]>; // by `${sensor}/${frame}`
}

export interface ClassInfo {
  readonly name: string;
  readonly title: string;
  readonly color: string;
  readonly size_m: Vec3;
  readonly spread_m: Vec3;
}

/** Times and names of a sensor's frames, from the scene's start; undefined where they are not at hand. */
export interface Clock {
  readonly time_ns: ArrayLike<number>;
  /** Whether the times of all frames are at hand. */
  readonly is_whole: boolean;
  readonly names: readonly (string | undefined)[];
}

/** A display block's place in the store and in space. */
export interface Block {
  readonly number: number;
  readonly count: number;
  readonly origin_m: Vec3;
  readonly scale_m: number;
}

/** What belongs to a sensor's frames; undefined where its page is not at hand (see `frames/`). */
export interface SensorFrames {
  readonly name: string;
  readonly frame_count: number;
  readonly clock: Clock;
  /** The sensor's frame of each frame of the scene. */
  readonly match: readonly (number | undefined)[];
  readonly world_from_sensor: readonly (Pose | undefined)[];
}

export interface Lidar extends SensorFrames {
  readonly ego_from_sensor: Pose;
  /** What each point has beside its place: the type is `float32`, or `uint8[3]` for three a point. */
  readonly fields: readonly { readonly name: string; readonly type: string | null }[];
  readonly has_intensity: boolean;
  readonly points_per_block: number;
  /** How display blocks are coded. */
  readonly coding: "planes" | "meshopt";
  /** The blocks of a frame are the nodes of an octree, the first is the root: see `stream/octree`. */
  readonly has_octree: boolean;
  /** By the lidar's own frame. */
  readonly blocks: ReadonlyMap<number, readonly Block[]>;
  /** The blocks of a frame, loaded where they are not at hand. */
  readonly loadBlocks: (frame: number) => Promise<readonly Block[]>;
}

export interface CameraModel {
  readonly model: "pinhole" | "plumb_bob" | "rational" | "fisheye";
  readonly width_px: number;
  readonly height_px: number;
  readonly fx_px: number;
  readonly fy_px: number;
  readonly cx_px: number;
  readonly cy_px: number;
  readonly distortion: readonly number[];
}

export interface CameraSensor extends SensorFrames {
  readonly ego_from_sensor: Pose;
  readonly width_px: number;
  readonly height_px: number;
  readonly media: "images" | "video";
  readonly camera: CameraModel | null;
  readonly stream: VideoStream | null;
}

export interface VideoStream {
  readonly codec: string;
  readonly extradata_base64: string;
  readonly time_base: readonly [number, number];
  readonly width_px: number;
  readonly height_px: number;
  readonly rotation_deg: number;
}

/** A video with its packets. */
export interface IndexedStream extends VideoStream {
  readonly index: PacketIndex;
}

/** A video's packets in decode order; `frame` is the packet's number in order of presentation. */
export interface PacketIndex {
  readonly pts: readonly number[];
  readonly key: readonly boolean[];
  readonly size: readonly number[];
  readonly frame: readonly number[];
}

export interface Scene {
  readonly name: string;
  readonly generation: string;
  readonly state: "ready" | "growing";
  readonly frame_count: number;
  readonly ready_frame_count: number;
  readonly page_frames: number; // frames of a page
  readonly reference: string;
  readonly clock: Clock; // the reference sensor's
  readonly start_ns: string;
  readonly ego_poses?: string | undefined; // where they are from, unless the source gave them
  readonly lidars: readonly Lidar[];
  readonly cameras: readonly CameraSensor[];
  readonly classes: readonly ClassInfo[];
  readonly schema_version: number; // of the classes
}

/** `field:` and the name of a field that the lidar has; the others are known of every point. */
export type ColorMode =
  | "height"
  | "intensity"
  | "distance"
  | "image"
  | "height_intensity"
  | `field:${string}`;
export type CloudView = "perspective" | "birds_eye" | "follow";
export type Tool = "select" | "click_fit" | "box";

/** What the top bar says about the user's work. */
export interface SaveState {
  readonly kind: "saved" | "saving" | "offline" | "conflict" | "error";
  readonly pending: number;
  readonly saved_at: number | null; // ms since epoch
  readonly message: string | null;
}

export interface Conflict {
  readonly change_id: string;
  readonly label: string;
  readonly items: readonly {
    path: string;
    yours: unknown;
    theirs: unknown;
    author: string;
    revision: number;
  }[];
}

export interface Person {
  readonly client: string;
  readonly name: string;
  readonly color: string;
  readonly frame: number | null;
  readonly object: string | null;
}

/** Something that takes long or went wrong: shown in a quiet place, never over the work. */
export interface Notice {
  readonly id: string;
  readonly kind: "info" | "progress" | "error";
  readonly text: string;
  readonly detail: string | null;
  readonly cancel: (() => void) | null;
  readonly retry: (() => void) | null;
}

/** Which points are shown: the frame's own, or those of all frames. */
export type CloudSource = "frame" | "world" | "object";

/** A merged cloud that the server has made, or null while it is being made. */
export interface MergedCloud {
  readonly kind: "world" | "object";
  readonly track: string | null;
  readonly cloud: {
    readonly generation: string;
    readonly sensor: string;
    readonly world_from_cloud: Pose;
    readonly point_count: number;
    readonly has_intensity: boolean;
    readonly coding: Lidar["coding"];
  } | null;
}

export interface ViewSettings {
  readonly cloud_source: CloudSource;
  readonly point_budget: number; // how many points of maps and merged clouds are drawn at most
  readonly color_mode: ColorMode;
  readonly cloud_view: CloudView;
  readonly point_size: number; // factor, 1 is the default
  readonly clip_low_m: number | null; // world z relative to the ego's ground
  readonly clip_high_m: number | null;
  readonly eye_dome: boolean;
  readonly show_labels: boolean;
  readonly camera: string | null; // null: the best one for the selection
}

export interface State {
  readonly scene: Scene | null;
  readonly labels: Labels;
  readonly revision: number;
  readonly frame: number;
  readonly playing: boolean;
  readonly speed: number;
  readonly selected: string | null; // object id
  readonly hovered: string | null;
  readonly tool: Tool;
  readonly active_class: string;
  /** While dragging: what the selected object's cuboid would be at this frame; drawn, not saved. */
  readonly draft: Cuboid | null;
  readonly save: SaveState;
  readonly conflict: Conflict | null;
  readonly merged: MergedCloud | null;
  readonly people: readonly Person[];
  readonly notices: readonly Notice[];
  readonly view: ViewSettings;
  readonly can_undo: string | null; // label of what would be undone
  readonly can_redo: string | null;
  readonly session: { readonly id: string; readonly name: string };
}
