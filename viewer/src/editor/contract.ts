/** What a person can do: panels, views and keys call these and nothing else. */

import type { AttributeValue, Cuboid, Person, Span, Tool, Vec3, ViewSettings } from "../state/model";

export interface Editor {
  // --- moving about ---
  showFrame(frame: number): void;
  step(frames: number): void;
  play(): void;
  pause(): void;
  setSpeed(speed: number): void;
  select(object: string | null): void;
  selectNext(direction: 1 | -1): void;
  hover(object: string | null): void;
  chooseTool(tool: Tool): void;
  chooseClass(class_name: string): void; // of the selected object, or of what is made next
  changeView(view: Partial<ViewSettings>): void;
  /** Show the frame of the next machine keyframe (of the selection, else of all) nobody accepted. */
  nextToLookAt(): void;

  // --- shapes ---
  /** Fits a cuboid to the object at a point of the world and makes it an object of the active class. */
  fitAt(point_m: Vec3): Promise<void>;
  /** Makes an object of a given cuboid (box tool, paste). */
  create(cuboid: Cuboid, class_name?: string): void;
  /** While dragging: draw, do not save. */
  draft(cuboid: Cuboid | null): void;
  /** Set the selected object's cuboid at this frame (a human keyframe); a changed size is the track's. */
  commit(cuboid: Cuboid, label?: string): void;
  /** Move in the cuboid's own axes (forward, left, up) and turn about its own z, as one keyframe. */
  nudge(forward_m: number, left_m: number, up_m: number, yaw_rad: number): void;
  flipHeading(): void;
  refit(): Promise<void>;
  copy(): void;
  paste(): void;

  // --- time ---
  addKeyframe(): void; // keeps what is computed here
  removeKeyframe(frame?: number): void;
  propagate(direction: "forward" | "backward", frame_count?: number): Promise<void>;
  /** Carries the selected object through all frames it is seen in; whether it stands still is found out unless said. */
  solve(is_still?: boolean): Promise<void>;
  /** Removes machine keyframes between the human ones around this frame, so that it is interpolated. */
  interpolate(): void;
  /** Accept the machine keyframe at this frame. */
  accept(): void;
  startHere(): void; // the track begins at this frame
  endHere(): void; // the track ends with this frame
  setSpans(spans: readonly Span[]): void;
  setOcclusion(level: number): void; // of this frame's span, from this frame on to its end

  // --- objects ---
  setAttribute(name: string, value: AttributeValue | null): void; // timed: from this frame on
  deleteObject(object?: string): void;
  /** What deleting would take with it, in words. */
  describeDelete(object: string): string;

  // --- history and saving ---
  undo(): Promise<void>;
  redo(): Promise<void>;
  keepMine(): void; // of the conflict shown
  takeTheirs(): void;
  dismissNotice(id: string): void;
  announce(person: Partial<Person>): void;
}
