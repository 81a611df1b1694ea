/** How panels reach the open scene: the store they read and the editor they call. */

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Session } from "../../app/session";
import type { State } from "../../state/model";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("this panel needs an open scene around it");
  return session;
}

/** A part of the state; the panel draws again only when that part changes. */
export const useApp = <T>(select: (state: State) => T): T => useStore(useSession().store, select);
