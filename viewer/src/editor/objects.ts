/** Objects: class, attributes, deleting. */

import { attributePath, objectPath } from "../sync/paths";
import type { Editor } from "./contract";
import { deleteObject, describeDelete } from "./edits";
import { nameOf, tracksOf } from "./find";
import { type EditorParts, selectionOf } from "./parts";

type Objects = Pick<Editor, "chooseClass" | "setAttribute" | "deleteObject" | "describeDelete">;

export const createObjects = (parts: EditorParts): Objects => {
  const { store, sync } = parts;
  return {
    chooseClass(class_name) {
      const { labels, selected } = store.getState();
      store.setState({ active_class: class_name });
      const object = selected === null ? undefined : labels.objects.get(selected);
      if (!object) return;
      const value = { class_name, number: object.number };
      const label = `Make ${nameOf(object)} a ${class_name.replaceAll("_", " ")}`;
      sync.edit({ label, cause: "manual", ops: [{ path: objectPath(object.id), value }] });
    },
    setAttribute(name, value) {
      const selection = selectionOf(parts);
      if (!selection) return;
      const { frame } = store.getState();
      const label = `Set ${name} of ${nameOf(selection.object)}`;
      sync.edit({
        label,
        cause: "manual",
        ops: [{ path: attributePath(selection.track.id, name, frame), value }],
      });
    },
    deleteObject(id) {
      const { labels, selected } = store.getState();
      const object = labels.objects.get(id ?? selected ?? "");
      if (!object) return;
      sync.edit(deleteObject(object, tracksOf(labels, object.id), sync.pathsUnder));
    },
    describeDelete(id) {
      const { labels } = store.getState();
      const object = labels.objects.get(id);
      return object ? describeDelete(object, tracksOf(labels, id)) : "";
    },
  };
};
