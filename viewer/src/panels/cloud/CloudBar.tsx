import "./cloudBar.css";
import { Menu } from "@mantine/core";
import { IconSun } from "@tabler/icons-react";
import { useMemo } from "react";
import type { CloudSource, CloudView, ColorMode } from "../../state/model";
import { fieldOf } from "../../stream/fields";
import { modesOf, shownMode } from "../../views/modes";
import { Segments } from "../controls/Segments";
import { useApp, useSession } from "../session/context";

const VIEWS: readonly { value: CloudView; text: string; hint: string; shortcut?: string }[] = [
  { value: "perspective", text: "Perspective", hint: "Turn around any place" },
  { value: "birds_eye", text: "Bird's eye", hint: "From above, to scale", shortcut: "Z" },
  { value: "follow", text: "Follow", hint: "Ride along behind the selected object" },
];
const COLORS = {
  height_intensity: "Height × Intensity",
  height: "Height",
  intensity: "Intensity",
  distance: "Distance",
  image: "Camera image",
} as const satisfies Partial<Record<ColorMode, string>>;

/** What a way of colouring is called. */
const nameOf = (mode: ColorMode): string => fieldOf(mode) ?? COLORS[mode as keyof typeof COLORS];

const SOURCES: readonly { value: CloudSource; text: string; hint: string }[] = [
  { value: "frame", text: "Frame", hint: "The points of this frame" },
  { value: "world", text: "World", hint: "All frames in one, without what moves" },
  { value: "object", text: "Object", hint: "The selected object's points of all frames, on its cuboid" },
];

/** Which points, where the cloud is seen from, and what its colours say. */
export function CloudBar() {
  const { editor } = useSession();
  const view = useApp((state) => state.view);
  const can_merge = useApp(
    ({ scene }) =>
      scene !== null && scene.state === "ready" && scene.frame_count > 1 && scene.lidars.length > 0,
  );
  const scene = useApp((state) => state.scene);
  const merged = useApp((state) => state.merged);
  const modes = useMemo(() => modesOf({ scene, merged, view }), [scene, merged, view]);
  const fields = modes.flatMap((mode) => fieldOf(mode) ?? []);
  const shown = shownMode({ scene, merged, view });
  return (
    <div className="cloud-bar">
      {can_merge && (
        <Segments
          label="Points shown"
          value={view.cloud_source}
          choices={SOURCES}
          onChoose={(cloud_source) => editor.changeView({ cloud_source })}
        />
      )}
      <Segments
        label="View of the cloud"
        value={view.cloud_view}
        choices={VIEWS}
        onChoose={(cloud_view) => editor.changeView({ cloud_view })}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <button type="button" className="control" aria-label={`Colour of the points: ${nameOf(shown)}`}>
            <IconSun size={15} stroke={1.7} /> {nameOf(shown)}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Colour the points by</Menu.Label>
          {(Object.keys(COLORS) as (keyof typeof COLORS)[])
            .filter((mode) => modes.includes(mode))
            .map((mode) => (
              <Menu.Item
                key={mode}
                data-chosen={mode === shown || undefined}
                onClick={() => editor.changeView({ color_mode: mode })}
              >
                {COLORS[mode]}
              </Menu.Item>
            ))}
          {fields.length > 0 && <Menu.Label>By a field of the lidar</Menu.Label>}
          {fields.map((field) => (
            <Menu.Item
              key={field}
              data-chosen={fieldOf(shown) === field || undefined}
              onClick={() => editor.changeView({ color_mode: `field:${field}` })}
            >
              {field}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
