/** What can be found: commands of the key map, objects, and the frame that was typed. */

import { useEffect, useMemo, useState } from "react";
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

const SHOWN = [
  { source: "frame", text: "Show the points of this frame", hint: "View" },
  { source: "world", text: "Show the merged world: all frames, without what moves", hint: "View" },
  { source: "object", text: "Show the merged object: its points of all frames", hint: "View" },
] as const;

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
    const shown = SHOWN.map(
      ({ source, text, hint }): Entry => ({
        id: `command ${text}`,
        text,
        hint,
        run: () => editor.changeView({ cloud_source: source }),
      }),
    );
    const exporting: Entry = {
      id: "command export",
      text: "Export the labels",
      hint: "Scene",
      run: () => openDialog("export"),
    };
    return [...commands, ...shown, exporting, ...objects];
  }, [store, editor, labels, selected]);
  const named = useNamedFrame(query);
  return useMemo(() => {
    const frame = frameOf(query, store.getState()) ?? named;
    if (frame === null) return fixed;
    const go: Entry = {
      id: "frame",
      text: `${query.trim()}`,
      hint: `go to frame ${frame}`,
      run: () => editor.showFrame(frame),
    };
    return [go, ...fixed];
  }, [query, named, fixed, store, editor]);
}

/** A frame by its number. */
function frameOf(query: string, state: State): number | null {
  const text = query.trim();
  const frame_count = state.scene?.frame_count ?? 0;
  const isNumber = /^\d+$/.test(text) && String(Number(text)) === text && Number(text) < frame_count;
  return isNumber ? Number(text) : null;
}

const TYPING_MS = 120;

/** The frame that the source calls so; the server knows the names of all. */
function useNamedFrame(query: string): number | null {
  const { store, client } = useSession();
  const [found, setFound] = useState<{ readonly text: string; readonly frame: number } | null>(null);
  const text = query.trim();
  useEffect(() => {
    const { scene } = store.getState();
    if (!scene || text === "") return;
    const left = new AbortController();
    const timer = setTimeout(() => {
      client.findFrame(scene.name, text, left.signal).then(
        ({ frame }) => setFound(frame === null ? null : { text, frame }),
        () => undefined, // the server is away: there is nothing to ask
      );
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [text, store, client]);
  return found?.text === text ? found.frame : null;
}
