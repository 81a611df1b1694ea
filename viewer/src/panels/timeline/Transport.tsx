/** Playing, the frame shown, what can be done about time, and which rows there are. */

import { Menu } from "@mantine/core";
import {
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from "@tabler/icons-react";
import { Control } from "../controls/Control";
import { useApp, useSession } from "../session/context";
import { Actions } from "./Actions";
import { FrameField } from "./FrameField";
import { RowFilter, RowSort } from "./RowMenus";

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const ICON = { size: 16, stroke: 1.7 };

export function Transport({ shown, all }: { shown: number; all: number }) {
  const { editor } = useSession();
  const playing = useApp((state) => state.playing);
  const speed = useApp((state) => state.speed);
  const last = useApp((state) => (state.scene?.frame_count ?? 1) - 1);
  const has_lidar = useApp((state) => (state.scene?.lidars.length ?? 0) > 0);
  return (
    <div className="transport">
      <Control label="First frame" shortcut="Home" side="top" onClick={() => editor.showFrame(0)}>
        <IconPlayerSkipBack {...ICON} />
      </Control>
      <Control label="One frame back" shortcut="," side="top" onClick={() => editor.step(-1)}>
        <IconChevronLeft {...ICON} />
      </Control>
      <Control
        label={playing ? "Pause" : "Play"}
        shortcut="Space"
        side="top"
        look="play"
        onClick={() => (playing ? editor.pause() : editor.play())}
      >
        {playing ? <IconPlayerPauseFilled size={15} /> : <IconPlayerPlayFilled size={15} />}
      </Control>
      <Control label="One frame on" shortcut="." side="top" onClick={() => editor.step(1)}>
        <IconChevronRight {...ICON} />
      </Control>
      <Control label="Last frame" shortcut="End" side="top" onClick={() => editor.showFrame(last)}>
        <IconPlayerSkipForward {...ICON} />
      </Control>
      <FrameField />
      <Menu position="top">
        <Menu.Target>
          <button type="button" className="control" aria-label={`Speed, ${speed} times`}>
            ×{speed}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Speed of playing</Menu.Label>
          {SPEEDS.map((each) => (
            <Menu.Item
              key={each}
              data-chosen={each === speed || undefined}
              onClick={() => editor.setSpeed(each)}
            >
              ×{each}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className="grow" />
      {has_lidar && (
        <>
          <Actions />
          <span className="rule" />
        </>
      )}
      <RowFilter shown={shown} all={all} />
      <RowSort />
    </div>
  );
}
