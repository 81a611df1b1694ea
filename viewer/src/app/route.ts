/** Where the user is: the list of scenes, or one scene. The address bar is the state. */

import { useSyncExternalStore } from "react";

export type Route = { readonly kind: "home" } | { readonly kind: "scene"; readonly name: string };

export function parseRoute(path: string): Route {
  const match = /^\/scenes\/([^/]+)\/?$/.exec(path);
  if (!match?.[1]) return { kind: "home" };
  try {
    return { kind: "scene", name: decodeURIComponent(match[1]) };
  } catch {
    return { kind: "home" };
  }
}

export const scenePath = (name: string): string => `/scenes/${encodeURIComponent(name)}`;

const listeners = new Set<() => void>();

export function navigate(path: string): void {
  if (path === window.location.pathname) return;
  window.history.pushState(null, "", path);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

export const useRoute = (): Route =>
  parseRoute(useSyncExternalStore(subscribe, () => window.location.pathname));
