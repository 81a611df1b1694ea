/** Notices: what takes long or went wrong, in a quiet place. */

import type { Notice } from "../state/model";
import type { StateStore } from "../state/store";

export interface Notices {
  /** Shows a notice and gives its id; information goes away by itself. */
  add(notice: Omit<Notice, "id">): string;
  info(text: string, detail?: string | null): string;
  error(text: string, detail?: string | null, retry?: (() => void) | null): string;
  dismiss(id: string): void;
}

const INFO_MS = 8000;

export const createNotices = (store: StateStore): Notices => {
  let count = 0;
  const dismiss = (id: string): void => {
    const { notices } = store.getState();
    if (notices.some((notice) => notice.id === id)) {
      store.setState({ notices: notices.filter((notice) => notice.id !== id) });
    }
  };
  const add = (notice: Omit<Notice, "id">): string => {
    count += 1;
    const id = `notice-${count}`;
    const others = store
      .getState()
      .notices.filter((each) => each.kind === "progress" || each.text !== notice.text);
    store.setState({ notices: [...others, { ...notice, id }] });
    if (notice.kind === "info") setTimeout(() => dismiss(id), INFO_MS);
    return id;
  };
  return {
    add,
    dismiss,
    info: (text, detail = null) => add({ kind: "info", text, detail, cancel: null, retry: null }),
    error: (text, detail = null, retry = null) => add({ kind: "error", text, detail, cancel: null, retry }),
  };
};
