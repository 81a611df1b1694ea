/** Shapes: making, placing and fitting cuboids. */

import { failureOf } from "../protocol/errors";
import type { WireFit, WireFitRequest } from "../protocol/wire";
import { sensorFrame } from "../space/clock";
import { contains } from "../space/cuboid";
import { cuboidAt } from "../space/interpolate";
import { apply, inverse, makePose, moved, turned, yawOf } from "../space/pose";
import type { Cuboid, SceneObject, Track, Vec3 } from "../state/model";
import type { Edit, Seen } from "../sync/change";
import { newId } from "../sync/id";
import { keyframePath, trackPath } from "../sync/paths";
import type { Editor } from "./contract";
import { createCorrections } from "./correction";
import { createObject, type NewObject, placeCuboid } from "./edits";
import { cuboidOf, isProtected, nameOf } from "./find";
import { type EditorParts, sceneOf, selectionOf } from "./parts";

type Shapes = Pick<
  Editor,
  "fitAt" | "create" | "draft" | "commit" | "nudge" | "flipHeading" | "refit" | "copy" | "paste"
>;

const LONGEST_SIDE_M = 300;
const FARTHEST_M = 1e7;

/** What else a placed cuboid brings along. */
type Extra = { readonly quality?: number | null } & Pick<Edit, "merge" | "seen">;

interface Copied {
  readonly object: string;
  readonly class_name: string;
  readonly cuboid: Cuboid;
  readonly frame: number;
}

/** The selected object with its cuboid where the user is. */
export const selectedCuboid = (
  parts: EditorParts,
): { object: SceneObject; track: Track; cuboid: Cuboid; frame: number } | null => {
  const selection = selectionOf(parts);
  const { frame } = parts.store.getState();
  const cuboid = selection && cuboidAt(selection.track, frame, sceneOf(parts).clock.time_ns);
  return selection && cuboid ? { ...selection, cuboid, frame } : null;
};

export const createShapes = (parts: EditorParts): Shapes => {
  const { store, sync, client, notices } = parts;
  let copied: Copied | null = null;
  let seen: Seen | null = null; // when the drag under way began
  let fitting: AbortController | null = null;
  const followersOf = createCorrections();

  const make = (made: Omit<NewObject, "id">): void => {
    const id = newId().replaceAll("-", "").slice(0, 12);
    sync.edit(createObject(store.getState().labels, { ...made, id }));
    store.setState({ selected: id, tool: "select", draft: null });
    parts.announce({ frame: store.getState().frame, object: id });
  };

  const place = (label: string, cuboid: Cuboid, extra: Extra = {}): void => {
    const selection = selectionOf(parts);
    if (!selection) return;
    if (!isReal(cuboid)) {
      store.setState({ draft: null });
      notices.error(
        `${label}: not done`,
        `Sides are above zero and at most ${LONGEST_SIDE_M} m; places are near the scene`,
      );
      return;
    }
    const { frame } = store.getState();
    const { track } = selection;
    const clock_ns = sceneOf(parts).clock.time_ns;
    const before = cuboidAt(track, frame, clock_ns);
    const { quality = null, ...rest } = extra;
    const ops = placeCuboid(track, frame, cuboid, quality);
    if (before) ops.push(...followersOf(track, frame, before.pose, cuboid.pose, clock_ns));
    sync.edit({ label, cause: "manual", ops, ...rest });
    store.setState({ draft: null });
  };

  /** A click in the merged world is fitted to its points; anything else to those of the frame. */
  const inMerged = (): Pick<WireFitRequest, "cloud"> => {
    const { view, merged } = store.getState();
    return view.cloud_source === "world" && merged?.cloud ? { cloud: merged.cloud.generation } : {};
  };

  /** Asks the server to fit; a new request takes the place of one that runs. */
  const askFit = async (request: WireFitRequest): Promise<WireFit | null> => {
    fitting?.abort();
    const controller = new AbortController();
    fitting = controller;
    try {
      return await client.fit(sceneOf(parts).name, { ...request, ...inMerged() }, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return null;
      const failure = failureOf(error);
      if (!failure) throw error;
      notices.error("No cuboid could be fitted here; nothing was changed", failure.message);
      return null;
    } finally {
      if (fitting === controller) fitting = null;
    }
  };

  /** Where the lidar stands in the world. */
  const sensorAt = (frame: number): Vec3 => {
    const scene = sceneOf(parts);
    const lidar = scene.lidars[0];
    const pose = lidar?.world_from_sensor[sensorFrame(lidar, frame)];
    return pose?.translation_m ?? [0, 0, 0];
  };

  return {
    async fitAt(point_m) {
      const { frame, active_class: class_name } = store.getState();
      const there = objectAt(parts, point_m);
      if (there) {
        fitting?.abort();
        store.setState({ selected: there.id, tool: "select", draft: null });
        parts.announce({ frame, object: there.id });
        notices.info(`This is ${nameOf(there)} already`, "X fits it to its points again");
        return;
      }
      const found = await askFit({ frame, point_m, class_name });
      if (!found) return;
      make({ class_name, cuboid: cuboidFrom(found), frame, quality: found.quality });
      if (found.reason) notices.info(found.reason);
    },
    create(cuboid, class_name) {
      const { frame, active_class } = store.getState();
      make({ class_name: class_name ?? active_class, cuboid, frame });
    },
    draft(cuboid) {
      const { draft, frame } = store.getState();
      const selection = selectionOf(parts);
      if (cuboid && !draft && selection) {
        const { id } = selection.track;
        seen = sync.seen([keyframePath(id, frame), trackPath(id)]);
      }
      store.setState({ draft: cuboid });
    },
    commit(cuboid, label) {
      const selection = selectionOf(parts);
      const extra = seen && store.getState().draft ? { seen } : {};
      if (selection) place(label ?? `Change ${nameOf(selection.object)}`, cuboid, extra);
    },
    nudge(forward_m, left_m, up_m, yaw_rad) {
      const at = selectedCuboid(parts);
      if (!at) return;
      const pose = turned(moved(at.cuboid.pose, [forward_m, left_m, up_m]), yaw_rad);
      const merge = `nudge/${at.track.id}/${at.frame}`;
      place(`Move ${nameOf(at.object)}`, { ...at.cuboid, pose }, { merge });
    },
    flipHeading() {
      const at = selectedCuboid(parts);
      if (!at) return;
      place(`Flip the heading of ${nameOf(at.object)}`, {
        ...at.cuboid,
        pose: turned(at.cuboid.pose, Math.PI),
      });
    },
    async refit() {
      const at = selectedCuboid(parts);
      if (!at) return;
      const { pose, size_m } = at.cuboid;
      const seed = { center_m: pose.translation_m, rotation_wxyz: pose.rotation_wxyz, size_m };
      const { class_name } = at.object;
      const hint = { heading_hint_rad: yawOf(pose) };
      const found = await askFit({ frame: at.frame, cuboid: seed, class_name, track: at.track.id, ...hint });
      const now = selectedCuboid(parts);
      if (!found || now?.track.id !== at.track.id || now.frame !== at.frame) return;
      const others = now.track.keyframes.some((each) => each.frame !== at.frame && isProtected(each));
      const fitted = cuboidFrom(found);
      const cuboid = others ? resizedFrom(fitted, now.cuboid.size_m, sensorAt(at.frame)) : fitted;
      place(`Refit ${nameOf(at.object)}`, cuboid, { quality: found.quality });
      if (found.reason) notices.info(found.reason);
    },
    copy() {
      const at = selectedCuboid(parts);
      if (!at) return;
      copied = { object: at.object.id, class_name: at.object.class_name, cuboid: at.cuboid, frame: at.frame };
      notices.info(`Copied ${nameOf(at.object)}`);
    },
    paste() {
      if (!copied) return;
      const { frame, selected } = store.getState();
      const selection = selectionOf(parts);
      if (selection && selected === copied.object && frame !== copied.frame) {
        place(`Paste ${nameOf(selection.object)}`, copied.cuboid); // the same object in another frame
      } else {
        make({ class_name: copied.class_name, cuboid: copied.cuboid, frame });
      }
    },
  };
};

/** The object whose cuboid holds a point of the world where the user is. */
const objectAt = (parts: EditorParts, point_m: Vec3): SceneObject | null => {
  const { labels, frame } = parts.store.getState();
  const scene = sceneOf(parts);
  const holds = ({ id }: SceneObject): boolean => {
    const cuboid = cuboidOf(labels, scene, id, frame);
    return cuboid !== null && contains(cuboid, point_m);
  };
  return [...labels.objects.values()].find(holds) ?? null;
};

/** Whether a cuboid can be: a number that was typed may be anything. The server's rules say the same. */
const isReal = ({ pose, size_m }: Cuboid): boolean =>
  pose.rotation_wxyz.every(Number.isFinite) &&
  pose.translation_m.every((value) => Math.abs(value) <= FARTHEST_M) &&
  size_m.every((side) => side > 0 && side <= LONGEST_SIDE_M);

/** A cuboid of another size whose corner nearest to the sensor, and whose bottom, stay where they are. */
export const resizedFrom = (cuboid: Cuboid, size_m: Vec3, sensor_m: Vec3): Cuboid => {
  const [x, y] = apply(inverse(cuboid.pose), sensor_m);
  const signs: Vec3 = [Math.sign(x), Math.sign(y), -1];
  const shift = (axis: 0 | 1 | 2): number => (signs[axis] * (cuboid.size_m[axis] - size_m[axis])) / 2;
  return { pose: moved(cuboid.pose, [shift(0), shift(1), shift(2)]), size_m };
};

const cuboidFrom = ({ cuboid }: WireFit): Cuboid => ({
  pose: makePose(cuboid.rotation_wxyz, cuboid.center_m),
  size_m: cuboid.size_m,
});
