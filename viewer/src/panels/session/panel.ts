/** Which dialog is open. One at a time. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

export type Dialog = "palette" | "keys" | "export" | "delete" | null;

export const panel = createStore<{ readonly dialog: Dialog }>()(() => ({ dialog: null }));

export const openDialog = (dialog: Dialog): void => panel.setState({ dialog });
export const closeDialog = (): void => panel.setState({ dialog: null });
export const useDialog = (): Dialog => useStore(panel, (state) => state.dialog);
