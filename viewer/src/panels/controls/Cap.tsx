import type { ReactNode } from "react";

/** A key cap. */
export function Cap({ children }: { children: ReactNode }) {
  return <kbd className="cap">{children}</kbd>;
}
