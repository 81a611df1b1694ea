import { Progress } from "@mantine/core";
import { IconArrowRight, IconTrash } from "@tabler/icons-react";
import { type MouseEvent, useState } from "react";
import { navigate, scenePath } from "../../app/route";
import type { WireSceneRow } from "../../protocol/wire";
import { Control } from "../controls/Control";
import { plural, writeCount } from "../controls/number";
import { DeleteDialog } from "./DeleteDialog";
import { writeDuration } from "./duration";

export function SceneTable({ scenes }: { scenes: readonly WireSceneRow[] }) {
  const [doomed, setDoomed] = useState<WireSceneRow | null>(null);
  return (
    <>
      <table className="scenes">
        <thead>
          <tr>
            <th>Name</th>
            <th className="right-cell">Frames</th>
            <th className="right-cell">Duration</th>
            <th>Sensors</th>
            <th className="right-cell">Objects</th>
            <th>Source</th>
            <th>Made</th>
            <th>State</th>
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {scenes.map((scene) => (
            <SceneLine key={scene.name} scene={scene} onDelete={() => setDoomed(scene)} />
          ))}
        </tbody>
      </table>
      <DeleteDialog scene={doomed} onClose={() => setDoomed(null)} />
    </>
  );
}

function SceneLine({ scene, onDelete }: { scene: WireSceneRow; onDelete: () => void }) {
  const path = scenePath(scene.name);
  const openHere = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return; // a new tab or window
    event.preventDefault();
    navigate(path);
  };
  const growing = scene.state !== "ready";
  const interrupted = scene.state === "interrupted";
  const openable = !growing || scene.ready_frame_count > 0;
  return (
    <tr onClick={(event) => openable && openHere(event)} data-openable={openable || undefined}>
      <td>
        {openable ? (
          <a href={path} onClick={openHere}>
            {scene.name}
          </a>
        ) : (
          scene.name
        )}
      </td>
      <td className="right-cell">{writeCount(scene.frame_count)}</td>
      <td className="right-cell">{writeDuration(scene.duration_s)}</td>
      <td className="dim">{sensors(scene)}</td>
      <td className="right-cell">{writeCount(scene.object_count)}</td>
      <td className="dim">{scene.source_format}</td>
      <td className="dim">
        {new Date(scene.created_at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}
      </td>
      <td className="state-cell">
        {growing ? (
          <>
            <span>
              {interrupted ? "interrupted" : "growing"}, {writeCount(scene.ready_frame_count)} of{" "}
              {plural(scene.frame_count, "frame")}
            </span>
            <Progress
              value={(100 * scene.ready_frame_count) / Math.max(scene.frame_count, 1)}
              size={3}
              transitionDuration={0}
              aria-label="Frames ready"
            />
            {interrupted && (
              <span className="faint why">
                {scene.error ? `${scene.error}. ` : ""}Import the same source again to go on
              </span>
            )}
          </>
        ) : (
          <span className="dim">ready</span>
        )}
      </td>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keeps a click on a button from opening the row */}
      <td className="actions-cell" onClick={(event) => event.stopPropagation()}>
        <Control label={`Delete ${scene.name}: asks first`} look="quiet-danger" onClick={onDelete}>
          <IconTrash size={15} stroke={1.7} />
        </Control>
        <Control
          label={openable ? `Open ${scene.name}` : "No frame is ready yet"}
          look="boxed"
          disabled={!openable}
          onClick={() => navigate(path)}
        >
          Open <IconArrowRight size={14} />
        </Control>
      </td>
    </tr>
  );
}

function sensors(scene: WireSceneRow): string {
  const parts = [
    scene.lidar_count > 0 && plural(scene.lidar_count, "lidar"),
    scene.camera_count > 0 && plural(scene.camera_count, "camera"),
  ].filter((part) => part !== false);
  return parts.join(", ") || "none";
}
