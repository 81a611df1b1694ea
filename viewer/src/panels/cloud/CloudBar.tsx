import "./cloudBar.css";
import { Menu } from "@mantine/core";
import { IconSun } from "@tabler/icons-react";
import type { CloudView, ColorMode } from "../../state/model";
import { Segments } from "../controls/Segments";
import { useApp, useSession } from "../session/context";

const VIEWS: readonly { value: CloudView; text: string; hint: string; shortcut?: string }[] = [
  { value: "perspective", text: "Perspective", hint: "Turn around any place" },
  { value: "birds_eye", text: "Bird's eye", hint: "From above, to scale", shortcut: "Z" },
  { value: "follow", text: "Follow", hint: "Ride along behind the selected object" },
];
const COLORS: Record<ColorMode, string> = {
  height_intensity: "Height × Intensity",
  height: "Height",
  intensity: "Intensity",
  distance: "Distance",
  image: "Camera image",
};

/** Where the cloud is seen from, and what its colours say. */
export function CloudBar() {
  const { editor } = useSession();
  const view = useApp((state) => state.view);
  const has_intensity = useApp((state) => state.scene?.lidars.some((lidar) => lidar.has_intensity) ?? false);
  const has_model = useApp((state) => state.scene?.cameras.some((camera) => camera.camera !== null) ?? false);
  const usable = (mode: ColorMode): boolean =>
    mode === "image" ? has_model : mode === "intensity" || mode === "height_intensity" ? has_intensity : true;
  return (
    <div className="cloud-bar">
      <Segments
        label="View of the cloud"
        value={view.cloud_view}
        choices={VIEWS}
        onChoose={(cloud_view) => editor.changeView({ cloud_view })}
      />
      <Menu position="bottom-end">
        <Menu.Target>
          <button
            type="button"
            className="control"
            aria-label={`Colour of the points: ${COLORS[view.color_mode]}`}
          >
            <IconSun size={15} stroke={1.7} /> {COLORS[view.color_mode]}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Colour the points by</Menu.Label>
          {(Object.keys(COLORS) as ColorMode[]).filter(usable).map((mode) => (
            <Menu.Item
              key={mode}
              data-chosen={mode === view.color_mode || undefined}
              onClick={() => editor.changeView({ color_mode: mode })}
            >
              {COLORS[mode]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
