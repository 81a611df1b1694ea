import { Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { WireSceneRow } from "../../protocol/wire";
import { plural } from "../controls/number";
import { Failure } from "../exports/ExportDialog";
import { client, sentenceOf } from "../session/client";

/** Says what goes before it goes. */
export function DeleteDialog({ scene, onClose }: { scene: WireSceneRow | null; onClose: () => void }) {
  const queries = useQueryClient();
  const removal = useMutation({
    mutationFn: (name: string) => client.removeScene(name, AbortSignal.timeout(60_000)),
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: ["scenes"] });
    },
  });
  const close = () => {
    removal.reset();
    onClose();
  };
  return (
    <Modal opened={scene !== null} onClose={close} title={`Delete ${scene?.name ?? ""}?`} size={460}>
      {scene && (
        <div className="export">
          <span>
            This removes {plural(scene.frame_count, "frame")} of {plural(scene.lidar_count, "lidar")} and{" "}
            {plural(scene.camera_count, "camera")}, the labels of {plural(scene.object_count, "object")}, and
            their history of {plural(scene.revision, "change")}.
          </span>
          <span className="dim">
            The files it was imported from stay where they are. This cannot be undone.
          </span>
          {removal.isError && <Failure text={sentenceOf(removal.error)} />}
          <div className="buttons">
            <button type="button" className="control tall boxed" data-autofocus onClick={close}>
              Keep it
            </button>
            <button
              type="button"
              className="control tall boxed danger"
              disabled={removal.isPending}
              onClick={() => removal.mutate(scene.name)}
            >
              {removal.isPending ? "Deleting" : "Delete the scene"}
            </button>
          </div>
        </div>
      )}
    </Modal>
  );
}
