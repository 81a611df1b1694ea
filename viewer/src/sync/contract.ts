/** What the rest of the viewer knows of the label document. */

import type { Client } from "../protocol/client";
import type { LabelValue, WireChange } from "../protocol/wire";
import type { Labels, Notice } from "../state/model";
import type { StateStore } from "../state/store";
import type { Edit, Seen } from "./change";
import type { HistoryShelf } from "./history";
import type { Outbox } from "./outbox";
import type { ReadLabels } from "./pieces";

export interface Sync {
  /** Applies an edit and sends it; gives the change's id, null when it would change nothing. */
  edit(edit: Edit): string | null;
  undo(): Promise<void>;
  redo(): Promise<void>;
  keepMine(): void;
  takeTheirs(): void;
  /** What a path holds now. */
  value(path: string): LabelValue | null;
  /** The revisions of paths now, without those that wait here with a change of one's own. */
  seen(paths: readonly string[]): Seen;
  /** Paths that start so and hold something. */
  pathsUnder(prefix: string): string[];
  /** A change that the live connection told of. */
  receive(change: WireChange): void;
  /** Asks for all changes since the last known one. */
  catchUp(): Promise<void>;
  /** Tries at once what waits for the network. */
  retry(): void;
  /** Sends at once what could still grow; resolves when nothing waits any more, or the user has to decide. */
  settled(): Promise<void>;
  /** Sends at once what could still grow. */
  flush(): void;
  /** The page is being left: what is not on disk yet is kept now, and what can be sent is sent. */
  rescue(): void;
  /** Sends what waits if the server answers, then ends; what could not be sent stays kept. */
  close(): Promise<void>;
}

export interface SyncOptions {
  readonly store: StateStore;
  readonly client: Client;
  readonly scene: string;
  readonly page: string;
  /** Reads the labels; in the page itself by default. */
  readonly read?: ReadLabels;
  /** What is found out of the labels, a little at each step, before they are shown. */
  readonly prepare?: (labels: Labels) => Generator<void>;
  readonly outbox: Outbox;
  readonly shelf?: HistoryShelf;
  readonly notify: (notice: Omit<Notice, "id">) => void;
  readonly hold_ms?: number;
  readonly retry_ms?: number;
}
