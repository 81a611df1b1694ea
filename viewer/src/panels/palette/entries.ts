/** What can be found: commands of the key map, objects, and the frame that was typed. */

import { useMemo } from "react";
import { KEY_MAP } from "../../editor/keys";
import { isPresent } from "../../space/interpolate";
import type { State } from "../../state/model";
import { surroundings } from "../keys/useKeys";
import { classColor, firstFrame, lastFrame, mainTracks, objectName } from "../labels/tracks";
import { useApp, useSession } from "../session/context";
import { openDialog } from "../session/panel";

export interface Entry {
  readonly id: string;
  readonly text: string;
  readonly hint: string;
  readonly color?: string;
  readonly shortcut?: string;
  readonly run: () => void;
}

export function useEntries(query: string): readonly Entry[] {
  const { store, editor } = useSession();
  const labels = useApp((state) => state.labels);
  const selected = useApp((state) => state.selected);
  const fixed = useMemo((): readonly Entry[] => {
    const state = store.getState();
    const target = { store, editor, surroundings };
    const tracks = mainTracks(labels);
    const commands = KEY_MAP.filter(
      (binding) =>
        binding.title !== "Find a command or an object" &&
        !/, (coarse|fine)$|^Class \d/.test(binding.title) &&
        (binding.context === "scene" || selected !== null),
    ).map((binding): Entry => {
      const shortcut = binding.keys[0];
      return {
        id: `command ${binding.title}`,
        text: binding.title,
        hint: binding.group,
        ...(shortcut ? { shortcut } : {}),
        run: () => binding.run(target),
      };
    });
    const objects = [...labels.objects.values()]
      .sort((a, b) => a.number - b.number)
      .map((object): Entry => {
        const track = tracks.get(object.id);
        return {
          id: `object ${object.id}`,
          text: objectName(object),
          hint: track ? `frames ${firstFrame(track)}–${lastFrame(track)}` : "no track",
          color: classColor(state, object.class_name),
          run: () => {
            editor.select(object.id);
            if (track && !isPresent(track, store.getState().frame)) editor.showFrame(firstFrame(track));
          },
        };
      });
    const exporting: Entry = {
      id: "command export",
      text: "Export the labels",
      hint: "Scene",
      run: () => openDialog("export"),
    };
    return [...commands, exporting, ...objects];
  }, [store, editor, labels, selected]);
  return useMemo(() => {
    const frame = frameOf(query, store.getState());
    if (frame === null) return fixed;
    const go: Entry = {
      id: "frame",
      text: `${query.trim()}`,
      hint: `go to frame ${frame}`,
      run: () => editor.showFrame(frame),
    };
    return [go, ...fixed];
  }, [query, fixed, store, editor]);
}

/** A frame's number, or its own name in the source. */
function frameOf(query: string, state: State): number | null {
  const text = query.trim();
  const { clock, frame_count } = state.scene ?? { clock: { names: [] as string[] }, frame_count: 0 };
  const named = clock.names.indexOf(text);
  if (/^\d+$/.test(text) && String(Number(text)) === text && Number(text) < frame_count) return Number(text);
  return named >= 0 ? named : null;
}
