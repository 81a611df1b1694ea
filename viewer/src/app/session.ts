/** An open scene: its state, what the user can do with it, and where its data comes from. */

import type { Editor } from "../editor/contract";
import { createEditor } from "../editor/editor";
import { createNotices } from "../editor/notices";
import { type Client, createClient } from "../protocol/client";
import { failureOf, isAbort } from "../protocol/errors";
import { sceneFromDocument } from "../protocol/scene";
import type { WireLive } from "../protocol/wire";
import type { ViewSettings } from "../state/model";
import { createStateStore, initialState, type StateStore } from "../state/store";
import { createStream, type Stream } from "../stream/stream";
import { sessionShelf } from "../sync/history";
import { createLive } from "../sync/live";
import { browserPages, openOutbox } from "../sync/outbox";
import { openSync } from "../sync/sync";

export interface Session {
  readonly store: StateStore;
  readonly editor: Editor;
  readonly stream: Stream;
  readonly client: Client;
  close(): void;
}

declare global {
  interface Window {
    /** For scripts that drive the viewer. */
    worldline?: Pick<Session, "store" | "editor" | "stream">;
  }
}

const VIEW_KEY = "worldline.view";
const REFRESH_MS = 700;

/** Opens a scene; fails with an `ApiError` when there is none of the name or no server. */
export const openScene = async (name: string, signal?: AbortSignal): Promise<Session> => {
  const closing = new AbortController();
  const opening = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  const client = createClient();
  const store = createStateStore();
  const page = crypto.randomUUID();
  const notices = createNotices(store);

  const [document, { user }] = await Promise.all([client.scene(name, opening), client.session(opening)]);
  const scene = sceneFromDocument(document);
  const active_class = scene.classes[0]?.name ?? initialState.active_class;
  store.setState({ scene, active_class, session: user, view: loadView() });

  const stream = createStream(store, client); // the first points are on their way while labels load
  const outbox = await openOutbox(page, browserPages(), globalThis.localStorage);
  const shelf = sessionShelf(`worldline.history.${name}`, globalThis.sessionStorage);
  const notify = notices.add;
  const sync = await openSync({ store, client, scene: name, page, outbox, shelf, notify }, opening).catch(
    (error: unknown) => {
      stream.close();
      outbox.close();
      throw error;
    },
  );

  const refresh = createRefresh(store, client, name, closing.signal);
  const live = createLive({
    connect: () => new WebSocket(client.liveUrl(name, page)),
    opened: () => {
      sync.retry();
      sync.catchUp().catch(ignoreLoss);
      refresh();
    },
    heard: (message) => hear(message),
  });
  const hear = (message: WireLive): void => {
    if (message.type === "change") sync.receive(message);
    else if (message.type === "presence") {
      store.setState({ people: message.people.filter((person) => person.client !== page) });
    } else {
      const now = store.getState().scene;
      const isNews =
        now?.generation !== message.generation || now.ready_frame_count !== message.ready_frame_count;
      if (isNews || now.state !== message.state) refresh();
    }
  };

  const editor = createEditor(store, { sync, client, stream, notices, announce: live.announce });
  const unsubscribe = store.subscribe((state) => state.view, saveView);
  const online = (): void => sync.retry();
  globalThis.addEventListener("online", online);
  globalThis.addEventListener("pagehide", sync.rescue);
  window.worldline = { store, editor, stream };
  live.announce({ frame: store.getState().frame, object: null });

  return {
    store,
    editor,
    stream,
    client,
    close() {
      closing.abort();
      globalThis.removeEventListener("online", online);
      globalThis.removeEventListener("pagehide", sync.rescue);
      unsubscribe();
      editor.close();
      live.close();
      sync.close();
      stream.close();
      outbox.close();
      if (window.worldline?.store === store) delete window.worldline;
    },
  };
};

/** Fetches the scene document again, at most so often: a growing scene has new frames. */
const createRefresh = (
  store: StateStore,
  client: Client,
  name: string,
  signal: AbortSignal,
): (() => void) => {
  let isDue = false;
  let last = 0;
  const refresh = async (): Promise<void> => {
    isDue = false;
    last = Date.now();
    const scene = sceneFromDocument(await client.scene(name, signal));
    const now = store.getState().scene;
    const isSame =
      now?.generation === scene.generation &&
      now.ready_frame_count === scene.ready_frame_count &&
      now.state === scene.state;
    if (!isSame) store.setState({ scene });
  };
  return () => {
    if (signal.aborted || isDue) return;
    isDue = true;
    setTimeout(() => refresh().catch(ignoreLoss), Math.max(last + REFRESH_MS - Date.now(), 0));
  };
};

/** News that did not come through comes with the next connection. */
const ignoreLoss = (error: unknown): void => {
  if (!isAbort(error) && !failureOf(error)) throw error;
};

const loadView = (): ViewSettings => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(VIEW_KEY) ?? "null");
    return { ...initialState.view, ...(kept as Partial<ViewSettings> | null), camera: null };
  } catch {
    return initialState.view; // storage is switched off, or holds something else
  }
};

const saveView = (view: ViewSettings): void => {
  try {
    localStorage.setItem(VIEW_KEY, JSON.stringify(view));
  } catch {
    // Storage is full or switched off: the settings then last as long as the page.
  }
};
