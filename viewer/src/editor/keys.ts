/**
 * Which key does what: the one list that the keyboard, the cheat sheet and the tooltips read.
 *
 * Letters kept free for tools to come: O, P, L, J, M, Y, U.
 */

import type { StateStore } from "../state/store";
import { chordOf, type KeyPress } from "./chord";
import type { Editor } from "./contract";

/** Where a key means something: everywhere in a scene, or only when an object is selected. */
export type KeyContext = "scene" | "selection";

export type KeyGroup = "Time" | "Objects" | "Shape" | "Keyframes" | "Tools" | "View" | "History";

/** What is neither an edit nor state: the windows around the scene. */
export interface Surroundings {
  openPalette(): void;
  openKeys(): void;
  /** Shows or hides what loading and drawing cost. */
  toggleStatus(): void;
  /** Fits the views to the selection. */
  fitView(): void;
  /** Asks before an object is deleted, saying what goes with it. */
  confirmDelete(object: string): void;
}

export interface KeyTarget {
  readonly store: StateStore;
  readonly editor: Editor;
  readonly surroundings: Surroundings;
}

export interface KeyBinding {
  /** Chords as `chordOf` writes them; the first is shown. */
  readonly keys: readonly string[];
  readonly context: KeyContext;
  readonly title: string;
  readonly group: KeyGroup;
  /** Whether holding the key down does it again and again. */
  readonly repeats: boolean;
  readonly run: (target: KeyTarget) => void;
}

const STEP = { normal: 0.05, coarse: 0.25, fine: 0.01 } as const;
const TURN_DEG = { normal: 0.5, coarse: 5, fine: 0.1 } as const;
const CLASS_KEYS = 9;

type Run = KeyBinding["run"];

const bind =
  (group: KeyGroup, context: KeyContext = "scene", repeats = false) =>
  (keys: string | readonly string[], title: string, run: Run): KeyBinding => ({
    keys: typeof keys === "string" ? [keys] : keys,
    context,
    title,
    group,
    repeats,
    run,
  });

const time = bind("Time");
const step = bind("Time", "scene", true);
const objects = bind("Objects");
const object = bind("Objects", "selection");
const shape = bind("Shape", "selection");
const keyframes = bind("Keyframes", "selection");
const tools = bind("Tools");
const view = bind("View");
const history = bind("History");

/** A key that moves or turns, with its coarse and its fine form. */
const nudge = (key: string, title: string, run: (editor: Editor, m: number, rad: number) => void) =>
  (["normal", "coarse", "fine"] as const).map((grade): KeyBinding => {
    const prefix = { normal: "", coarse: "Shift+", fine: "Alt+" }[grade];
    const amount = { normal: "", coarse: ", coarse", fine: ", fine" }[grade];
    const turn_rad = (TURN_DEG[grade] * Math.PI) / 180;
    return bind("Shape", "selection", true)(prefix + key, title + amount, ({ editor }) =>
      run(editor, STEP[grade], turn_rad),
    );
  });

export const KEY_MAP: readonly KeyBinding[] = [
  time("Space", "Play or pause", ({ store, editor }) =>
    store.getState().playing ? editor.pause() : editor.play(),
  ),
  step([".", "ArrowRight"], "Next frame", ({ editor }) => editor.step(1)),
  step([",", "ArrowLeft"], "Previous frame", ({ editor }) => editor.step(-1)),
  step(["Shift+.", "Shift+ArrowRight"], "Ten frames on", ({ editor }) => editor.step(10)),
  step(["Shift+,", "Shift+ArrowLeft"], "Ten frames back", ({ editor }) => editor.step(-10)),
  time("Home", "First frame", ({ editor }) => editor.showFrame(0)),
  time("End", "Last frame", ({ store, editor }) =>
    editor.showFrame((store.getState().scene?.frame_count ?? 1) - 1),
  ),
  time("N", "Next to look at", ({ editor }) => editor.nextToLookAt()),

  bind("Objects", "scene", true)("Tab", "Next object", ({ editor }) => editor.selectNext(1)),
  bind("Objects", "scene", true)("Shift+Tab", "Previous object", ({ editor }) => editor.selectNext(-1)),
  ...Array.from({ length: CLASS_KEYS }, (_, n) =>
    objects(`${n + 1}`, `Class ${n + 1} of the list`, ({ store, editor }) => {
      const name = store.getState().scene?.classes[n]?.name;
      if (name !== undefined) editor.chooseClass(name);
    }),
  ),
  object("Ctrl+C", "Copy the cuboid", ({ editor }) => editor.copy()),
  objects("Ctrl+V", "Paste the cuboid", ({ editor }) => editor.paste()),
  object(["Delete", "Backspace"], "Delete the object", ({ store, surroundings }) => {
    const { selected } = store.getState();
    if (selected !== null) surroundings.confirmDelete(selected);
  }),
  ...[0, 1, 2, 3].map((level) =>
    object(`Shift+${level}`, `Occlusion ${level} from here on`, ({ editor }) => editor.setOcclusion(level)),
  ),

  ...nudge("W", "Move forward", (editor, m) => editor.nudge(m, 0, 0, 0)),
  ...nudge("S", "Move back", (editor, m) => editor.nudge(-m, 0, 0, 0)),
  ...nudge("A", "Move left", (editor, m) => editor.nudge(0, m, 0, 0)),
  ...nudge("D", "Move right", (editor, m) => editor.nudge(0, -m, 0, 0)),
  ...nudge("PageUp", "Lift", (editor, m) => editor.nudge(0, 0, m, 0)),
  ...nudge("PageDown", "Lower", (editor, m) => editor.nudge(0, 0, -m, 0)),
  ...nudge("Q", "Turn left", (editor, _, rad) => editor.nudge(0, 0, 0, rad)),
  ...nudge("E", "Turn right", (editor, _, rad) => editor.nudge(0, 0, 0, -rad)),
  shape("H", "Flip the heading", ({ editor }) => editor.flipHeading()),
  shape("X", "Refit to the points", ({ editor }) => void editor.refit()),

  keyframes("K", "Make a keyframe", ({ editor }) => editor.addKeyframe()),
  keyframes("Shift+K", "Remove the keyframe", ({ editor }) => editor.removeKeyframe()),
  keyframes("G", "Carry forward", ({ editor }) => void editor.propagate("forward")),
  keyframes("Shift+G", "Carry backward", ({ editor }) => void editor.propagate("backward")),
  keyframes("T", "Carry through all frames", ({ editor }) => void editor.solve()),
  keyframes("Shift+T", "It moves: carry through all frames", ({ editor }) => void editor.solve(false)),
  keyframes("Alt+T", "It stands still: one cuboid for all frames", ({ editor }) => void editor.solve(true)),
  keyframes("I", "Interpolate between people's keyframes", ({ editor }) => editor.interpolate()),
  keyframes("Enter", "Accept the machine's keyframe", ({ editor }) => editor.accept()),
  keyframes("[", "The track starts here", ({ editor }) => editor.startHere()),
  keyframes("]", "The track ends here", ({ editor }) => editor.endHere()),

  tools(["V", "Escape"], "Select", ({ editor }) => editor.chooseTool("select")),
  tools("C", "One click: fit a cuboid to the object clicked", ({ editor }) => editor.chooseTool("click_fit")),
  tools("B", "Box: drag out a cuboid", ({ editor }) => editor.chooseTool("box")),

  view("F", "Fit the views to the selection", ({ surroundings }) => surroundings.fitView()),
  view("Z", "Bird's-eye view on and off", ({ store, editor }) =>
    editor.changeView({
      cloud_view: store.getState().view.cloud_view === "birds_eye" ? "perspective" : "birds_eye",
    }),
  ),
  view("Ctrl+K", "Find a command or an object", ({ surroundings }) => surroundings.openPalette()),
  view("Shift+P", "Status of data and drawing on and off", ({ surroundings }) => surroundings.toggleStatus()),
  view("?", "Keys", ({ surroundings }) => surroundings.openKeys()),

  history("Ctrl+Z", "Undo", ({ editor }) => void editor.undo()),
  history(["Ctrl+Shift+Z", "Ctrl+Y"], "Redo", ({ editor }) => void editor.redo()),
];

const byChord = new Map<string, KeyBinding[]>();
for (const binding of KEY_MAP) {
  for (const key of binding.keys) byChord.set(key, [...(byChord.get(key) ?? []), binding]);
}

/** What a press means now, null when nothing. */
export const bindingFor = (press: KeyPress, isSelected: boolean): KeyBinding | null => {
  const bindings = byChord.get(chordOf(press)) ?? [];
  return (
    bindings.find((binding) => binding.context === "selection" && isSelected) ??
    bindings.find((binding) => binding.context === "scene") ??
    null
  );
};

/** The chord shown for what a title names, for tooltips. */
export const keyFor = (title: string): string | null =>
  KEY_MAP.find((binding) => binding.title === title)?.keys[0] ?? null;
