/** The views on the page, for what concerns all of them. */

import type { View } from "../../views/context";

/** A view that can show the selection whole. */
export type FittingView = View & { fit?(): void };

const open = new Set<FittingView>();

export function registerView(view: FittingView): () => void {
  open.add(view);
  return () => void open.delete(view);
}

export function fitViews(): void {
  for (const view of open) view.fit?.();
}
