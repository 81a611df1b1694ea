/** An open scene: its state, what the user can do with it, and where its data comes from. */

import type { Editor } from "../editor/contract";
import { createEditor } from "../editor/editor";
import { createNotices, type Notices } from "../editor/notices";
import { createFrames, type Frames } from "../frames/frames";
import { type Client, createClient } from "../protocol/client";
import { failureOf, isAbort } from "../protocol/errors";
import type { WireChange, WireLive } from "../protocol/wire";
import type { ViewSettings } from "../state/model";
import { createStateStore, initialState, type StateStore } from "../state/store";
import { createStream, type Stream } from "../stream/stream";
import { sessionShelf } from "../sync/history";
import { newId } from "../sync/id";
import { createLateSync } from "../sync/late";
import { createLive, type Live, type Presence } from "../sync/live";
import { browserPages, memoryOutbox, type Outbox, openOutbox } from "../sync/outbox";
import { objectPath } from "../sync/paths";
import type { ReadLabels } from "../sync/pieces";
import { readInWorker } from "../sync/reader";
import { openSync } from "../sync/sync";
import { openingView } from "../views/modes";
import { lookThrough } from "../views/needs";
import { firstFrame } from "./first";

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
const LONG_MS = 3000;

/** Opens a scene; fails with an `ApiError` when there is none of the name or no server. */
export const openScene = async (name: string, signal?: AbortSignal): Promise<Session> => {
  const closing = new AbortController();
  const opening = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  const client = createClient();
  const store = createStateStore();
  const page = newId();
  const notices = createNotices(store);

  const [document, { user }] = await Promise.all([client.scene(name, opening), client.session(opening)]);
  const frames = createFrames(client);
  const scene = frames.scene(document);
  const active_class = scene.classes[0]?.name ?? initialState.active_class;
  const view = openingView(scene, loadView(), initialState.view.color_mode);
  store.setState({ scene, active_class, session: user, view });

  frames.follow(store);
  const stream = createStream(store, client);
  const first = firstFrame(store, stream, opening);
  const sync = createLateSync(() => notices.info("The labels are still being read: try again in a moment"));

  const refresh = createRefresh(store, client, frames, name, notices, closing.signal);
  /** News that did not come through comes with the next connection, unless the scene is gone. */
  const meetLoss = (error: unknown): void => {
    if (failureOf(error)?.code === "not_found") {
      const detail = "What you change from now on is kept in this browser only";
      notices.error(`${name} was removed from the server`, detail);
    } else ignoreLoss(error);
  };
  const hear = (message: WireLive): void => {
    if (message.type === "change") {
      if (message.client !== page) tellDeleted(store, notices, message);
      sync.receive(message);
    } else if (message.type === "presence") {
      store.setState({ people: message.people.filter((person) => person.client !== page) });
    } else {
      const { scene: now, revision } = store.getState();
      if (message.revision > revision) sync.catchUp().catch(meetLoss);
      const isNews =
        now?.generation !== message.generation || now.ready_frame_count !== message.ready_frame_count;
      const isOther = now?.state !== message.state || now.schema_version !== message.schema_version;
      if (isNews || isOther) refresh();
    }
  };

  const connect = (): Live =>
    createLive({
      connect: () => new WebSocket(client.liveUrl(name, page)),
      opened: () => {
        sync.retry();
        sync.catchUp().catch(meetLoss);
        refresh();
      },
      heard: hear,
    });

  let live: Live | null = null;
  let outbox: Outbox | null = null;
  const announce = (presence: Presence): void => live?.announce(presence);
  const editor = createEditor(store, { sync, client, stream, notices, announce });

  /** Reads the labels; only then there is something to edit, and others to hear of. */
  const readLabels = async (): Promise<void> => {
    outbox = await openOutbox(page, browserPages(), globalThis.localStorage).catch((error: unknown) => {
      notices.error(
        "Unsent changes cannot be kept on this computer: do not close this page until all is saved",
        String(error),
      );
      return memoryOutbox();
    });
    const shelf = sessionShelf(`worldline.history.${name}`, globalThis.sessionStorage);
    async function* read(...asked: Parameters<ReadLabels>): ReturnType<typeof readInWorker> {
      await first; // nothing is asked of the server that could hold up the first points
      const clock = frames.loadClock(scene.reference); // what is between keyframes takes their times
      clock.catch(() => undefined); // it is told of below
      yield* readInWorker(...asked);
      await clock;
    }
    const prepare = lookThrough;
    const options = { store, client, read, prepare, scene: name, page, outbox, shelf, notify: notices.add };
    const told = setTimeout(
      () => notices.info("The labels are being read", "There are many of them"),
      LONG_MS,
    );
    const opened = await openSync(options, opening).finally(() => clearTimeout(told));
    sync.become(opened);
    if (closing.signal.aborted) return; // closed meanwhile: `close` has seen to the rest
    live = connect();
    window.worldline = { store, editor, stream };
    live.announce({ frame: store.getState().frame, object: store.getState().selected });
  };
  const reading = readLabels().catch((error: unknown) => {
    if (closing.signal.aborted || signal?.aborted) return;
    const text = `The labels of ${name} could not be read`;
    notices.error(text, failureOf(error)?.message ?? String(error), () => location.reload());
  });

  const unsubscribe = store.subscribe((state) => state.view, saveView);
  const online = (): void => sync.retry();
  const hidden = (): void => {
    if (globalThis.document.visibilityState === "hidden") sync.flush(); // it may never come back
  };
  const shown = (event: PageTransitionEvent): void => {
    if (event.persisted) location.reload(); // its unsent changes may be another page's by now
  };
  globalThis.addEventListener("online", online);
  globalThis.addEventListener("pagehide", sync.rescue);
  globalThis.addEventListener("pageshow", shown);
  globalThis.document.addEventListener("visibilitychange", hidden);

  return {
    store,
    editor,
    stream,
    client,
    close() {
      closing.abort();
      globalThis.removeEventListener("online", online);
      globalThis.removeEventListener("pageshow", shown);
      globalThis.document.removeEventListener("visibilitychange", hidden);
      unsubscribe();
      editor.close();
      live?.close();
      stream.close();
      frames.close();
      void reading
        .then(() => sync.close())
        .finally(() => {
          globalThis.removeEventListener("pagehide", sync.rescue);
          outbox?.close();
        });
      if (window.worldline?.store === store) delete window.worldline;
    },
  };
};

/** Whoever works on an object learns who took it away. */
const tellDeleted = (store: StateStore, notices: Notices, change: WireChange & { client: string | null }) => {
  const { selected, labels, people } = store.getState();
  const object = selected === null ? undefined : labels.objects.get(selected);
  if (!object || !change.ops.some((op) => op.value === null && op.path === objectPath(object.id))) return;
  const who = people.find((person) => person.client === change.client)?.name ?? "Somebody else";
  notices.info(`${who}: ${change.label}`, "It was selected here; the history keeps it");
};

/** Fetches the scene document again, at most so often: a growing scene has new frames. */
const createRefresh = (
  store: StateStore,
  client: Client,
  frames: Frames,
  name: string,
  notices: Notices,
  signal: AbortSignal,
): (() => void) => {
  let isDue = false;
  let last = 0;
  const refresh = async (): Promise<void> => {
    isDue = false;
    last = Date.now();
    const scene = frames.scene(await client.scene(name, signal));
    const now = store.getState().scene;
    if (now?.state === "ready" && now.generation !== scene.generation) {
      // A finished recording never changes: this is another one.
      const text = `Another recording is called ${name} now: open it again`;
      notices.error(text, "What you see here is the one that was removed", () => location.reload());
      return;
    }
    const isSame =
      now?.generation === scene.generation &&
      now.ready_frame_count === scene.ready_frame_count &&
      now.schema_version === scene.schema_version &&
      now.state === scene.state;
    if (isSame) return;
    const chosen = store.getState().active_class;
    const known = scene.classes.find((each) => each.name === chosen) ?? scene.classes[0];
    store.setState({ scene, active_class: known?.name ?? chosen });
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
