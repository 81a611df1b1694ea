import { Menu, Tooltip } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { navigate, scenePath } from "../../app/route";
import { plural } from "../controls/number";
import { client } from "../session/client";
import { useApp } from "../session/context";

/** The scene's name, and the way to another. */
export function SceneMenu() {
  const scene = useApp((state) => state.scene);
  const [open, setOpen] = useState(false);
  const scenes = useQuery({
    queryKey: ["scenes"],
    queryFn: ({ signal }) => client.scenes(signal),
    enabled: open,
  });
  if (!scene) return null;
  const growing = scene.ready_frame_count < scene.frame_count;
  return (
    <Menu opened={open} onChange={setOpen} position="bottom-start">
      <Menu.Target>
        <Tooltip label={`Open another scene${egoPoses(scene.ego_poses)}`} disabled={open}>
          <button type="button" className="control tall" aria-label="Open another scene">
            <span className="scene-name ellipsis">{scene.name}</span>
            <span className="faint">
              {growing
                ? `${scene.ready_frame_count} of ${plural(scene.frame_count, "frame")} ready`
                : plural(scene.frame_count, "frame")}
            </span>
            {scene.ego_poses && (
              <span className="faint">
                {scene.ego_poses === "unknown" ? "no ego poses" : "ego poses estimated"}
              </span>
            )}
            <IconChevronDown size={14} />
          </button>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }} miw={260}>
        {(scenes.data ?? []).map((each) => (
          <Menu.Item
            key={each.name}
            data-chosen={each.name === scene.name || undefined}
            rightSection={<span className="faint">{each.frame_count}</span>}
            onClick={() => navigate(scenePath(each.name))}
          >
            {each.name}
          </Menu.Item>
        ))}
        {scenes.isPending && <Menu.Label>Asking the server</Menu.Label>}
        {scenes.isError && <Menu.Label>{scenes.error.message}</Menu.Label>}
        <Menu.Divider />
        <Menu.Item onClick={() => navigate("/")}>All scenes</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Where the ego poses are from, as an addition to what is said of a scene. */
function egoPoses(from: string | undefined): string {
  if (!from) return "";
  return from === "unknown"
    ? ". The recording came without ego poses: what stands still seems to move"
    : `. Its ego poses are ${from}`;
}
