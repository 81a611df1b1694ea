/** The keyboard of an open scene. */

import { useEffect } from "react";
import { listenToKeys } from "../../editor/keyboard";
import type { Surroundings } from "../../editor/keys";
import { useSession } from "../session/context";
import { openDialog, panel } from "../session/panel";
import { fitViews } from "../session/views";
import { toggleStatus } from "../status/StatusPanel";

export const surroundings: Surroundings = {
  openPalette: () => openDialog("palette"),
  openKeys: () => openDialog("keys"),
  toggleStatus,
  fitView: fitViews,
  confirmDelete: () => openDialog("delete"),
};

/** Menus and dialogs have keys of their own. */
const inFront = (): boolean =>
  panel.getState().dialog !== null ||
  document.activeElement?.closest("[role=menu], [role=dialog], [role=alertdialog]") != null;

export function useKeys(): void {
  const { store, editor } = useSession();
  useEffect(() => listenToKeys({ store, editor, surroundings }, inFront), [store, editor]);
}
