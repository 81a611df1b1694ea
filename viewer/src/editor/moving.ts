/** Moving about: frames, selection, tools and views. Nothing here changes a label. */

import type { State } from "../state/model";
import type { Editor } from "./contract";
import { objectsAround } from "./find";
import { createRound } from "./looks";
import { type EditorParts, sceneOf } from "./parts";
import type { Player } from "./play";

type Moving = Pick<
  Editor,
  | "showFrame"
  | "step"
  | "play"
  | "pause"
  | "setSpeed"
  | "select"
  | "selectNext"
  | "hover"
  | "chooseTool"
  | "changeView"
  | "nextToLookAt"
  | "dismissNotice"
  | "announce"
>;

const SLOWEST = 0.1;
const FASTEST = 16;

export const createMoving = (parts: EditorParts, player: Player): Moving => {
  const { store, notices } = parts;
  const round = createRound();
  const change = (next: Partial<State>): void => {
    store.setState(next);
    const { frame, selected } = store.getState();
    if ("frame" in next || "selected" in next) parts.announce({ frame, object: selected });
  };

  const showFrame = (frame: number): void => {
    if (!Number.isFinite(frame)) return;
    const last = Math.max(sceneOf(parts).ready_frame_count - 1, 0);
    const shown = Math.min(Math.max(Math.round(frame), 0), last);
    if (shown !== store.getState().frame) change({ frame: shown, draft: null });
  };
  const select = (object: string | null): void => {
    if (object !== store.getState().selected) change({ selected: object, draft: null });
  };

  return {
    showFrame,
    select,
    step(frames) {
      player.pause();
      showFrame(store.getState().frame + frames);
    },
    play: player.play,
    pause: player.pause,
    setSpeed: (speed) => store.setState({ speed: Math.min(Math.max(speed, SLOWEST), FASTEST) }),
    selectNext(direction) {
      const { labels, frame, selected } = store.getState();
      const objects = objectsAround(labels, frame);
      if (objects.length === 0) return;
      const at = objects.findIndex((object) => object.id === selected);
      const next = at < 0 ? (direction > 0 ? 0 : objects.length - 1) : at + direction;
      select(objects[(next + objects.length) % objects.length]!.id);
    },
    hover(object) {
      if (object !== store.getState().hovered) store.setState({ hovered: object });
    },
    chooseTool: (tool) => store.setState({ tool, draft: null }),
    changeView: (view) => store.setState({ view: { ...store.getState().view, ...view } }),
    nextToLookAt() {
      const { labels, frame, selected } = store.getState();
      const place = round.next(labels, selected, frame);
      if (!place) {
        notices.info("Nothing waits for a look: every machine keyframe is accepted");
        return;
      }
      player.pause();
      select(place.object);
      showFrame(place.frame);
    },
    dismissNotice: notices.dismiss,
    announce(person) {
      const { frame, selected } = store.getState();
      parts.announce({ frame: person.frame ?? frame, object: person.object ?? selected });
    },
  };
};
