import { Tooltip } from "@mantine/core";
import { IconCube, IconPointer, IconWand } from "@tabler/icons-react";
import type { Tool } from "../../state/model";
import { Tip } from "../controls/Control";
import { useApp, useSession } from "../session/context";
import { Settings } from "./Settings";

const TOOLS: readonly { tool: Tool; key: string; label: string; Icon: typeof IconCube }[] = [
  { tool: "select", key: "V", label: "Select and edit", Icon: IconPointer },
  { tool: "click_fit", key: "C", label: "Fit a cuboid to what you click", Icon: IconWand },
  { tool: "box", key: "B", label: "Draw a cuboid", Icon: IconCube },
];

export function ToolRail() {
  const { editor } = useSession();
  const active = useApp((state) => state.tool);
  const has_lidar = useApp((state) => (state.scene?.lidars.length ?? 0) > 0);
  const usable = TOOLS.filter(({ tool }) => has_lidar || tool === "select"); // the others work on points
  return (
    <nav className="toolrail" aria-label="Tools">
      {usable.map(({ tool, key, label, Icon }) => (
        <Tooltip key={tool} label={<Tip text={label} shortcut={key} />} position="right">
          <button
            type="button"
            className="tool"
            aria-label={label}
            aria-keyshortcuts={key}
            aria-pressed={tool === active}
            onClick={() => editor.chooseTool(tool)}
          >
            <Icon size={19} stroke={1.6} />
            <i>{key}</i>
          </button>
        </Tooltip>
      ))}
      <span className="grow" />
      <Settings />
    </nav>
  );
}
