/** The panels of an open scene, docked around the cloud. */

import "./bar/bar.css";
import { useEffect, useState } from "react";

import { createCameraView } from "../views/camera/camera";

import { createCloudView } from "../views/cloud/cloud";
import { createSidesView } from "../views/sides/sides";
import { TopBar } from "./bar/TopBar";
import { CloudBar } from "./cloud/CloudBar";
import { ConflictBanner } from "./conflict/ConflictBanner";
import { dock } from "./dock";
import { ExportDialog } from "./exports/ExportDialog";
import { leaveFocus } from "./focus";
import { Inspector } from "./inspector/Inspector";
import { CheatSheet } from "./keys/CheatSheet";
import { useKeys } from "./keys/useKeys";
import { Notices } from "./notices/Notices";
import { Palette } from "./palette/Palette";
import { ToolRail } from "./rail/ToolRail";
import { Splitter } from "./Splitter";
import { useApp } from "./session/context";
import { usePreference } from "./session/preferences";
import { StatusPanel } from "./status/StatusPanel";
import { Timeline } from "./timeline/Timeline";
import { ViewHost } from "./ViewHost";

export function Workbench() {
  useKeys();
  const [right, setRight] = usePreference("right_px");
  const [timeline, setTimeline] = usePreference("timeline_px");
  const [strip, setStrip] = usePreference("strip_px");
  const [sides, setSides] = usePreference("sides_px");
  const [width, height] = useWindowSize();
  const sizes = dock(
    { right_px: right, timeline_px: timeline, strip_px: strip, sides_px: sides },
    width,
    height,
  );
  const has_lidar = useApp((state) => (state.scene?.lidars.length ?? 0) > 0);
  const has_camera = useApp((state) => (state.scene?.cameras.length ?? 0) > 0);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the focus where it is
    <div
      className="workbench"
      onMouseDown={leaveFocus}
      style={{
        gridTemplateColumns: `var(--rail) minmax(0, 1fr) ${sizes.right_px}px`,
        gridTemplateRows: `var(--top) minmax(0, 1fr) ${sizes.timeline_px}px`,
      }}
    >
      <TopBar />
      <ToolRail />
      <main className="middle">
        {has_camera && (
          <div className="strip" style={{ height: has_lidar ? sizes.strip_px : "100%" }}>
            <ViewHost create={createCameraView} label="Cameras" />
          </div>
        )}
        {has_lidar && (
          <div className="cloud">
            <ViewHost create={createCloudView} label="Point cloud" />
            <CloudBar />
          </div>
        )}
        {has_camera && has_lidar && (
          <Splitter
            label="Height of the camera strip"
            axis="y"
            grows={1}
            size_px={sizes.strip_px}
            onSize={setStrip}
            style={{ top: sizes.strip_px - 3 }}
          />
        )}
        <StatusPanel />
        <Notices />
      </main>
      <aside className="right">
        {has_lidar && (
          <div className="sides" style={{ height: sizes.sides_px }}>
            <ViewHost create={createSidesView} label="Side views" />
          </div>
        )}
        <ConflictBanner />
        <Inspector />
        {has_lidar && (
          <Splitter
            label="Height of the side views"
            axis="y"
            grows={1}
            size_px={sizes.sides_px}
            onSize={setSides}
            style={{ top: sizes.sides_px - 3 }}
          />
        )}
        <Splitter
          label="Width of the right column"
          axis="x"
          grows={-1}
          size_px={sizes.right_px}
          onSize={setRight}
          style={{ left: -3 }}
        />
      </aside>
      <Timeline />
      <Splitter
        label="Height of the timeline"
        axis="y"
        grows={-1}
        size_px={sizes.timeline_px}
        onSize={setTimeline}
        style={{ bottom: sizes.timeline_px - 3 }}
      />
      <Palette />
      <CheatSheet />
      <ExportDialog />
    </div>
  );
}

function useWindowSize(): readonly [number, number] {
  const [size, setSize] = useState<readonly [number, number]>([window.innerWidth, window.innerHeight]);
  useEffect(() => {
    const measure = () => setSize([window.innerWidth, window.innerHeight]);
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  return size;
}
