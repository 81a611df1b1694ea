/** A place in the page for a view that draws itself. */

import { useEffect, useRef } from "react";
import type { ViewContext } from "../views/context";
import { sentenceOf } from "./session/client";
import { useSession } from "./session/context";
import { type FittingView, registerView } from "./session/views";

interface Props {
  readonly create: (element: HTMLElement, context: ViewContext) => FittingView;
  readonly label: string;
}

export function ViewHost({ create, label }: Props) {
  const session = useSession();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = document.createElement("div");
    element.className = "view-canvas";
    place.current?.append(element);
    let view: FittingView | null = null;
    let forget = () => {};
    try {
      view = create(element, session);
      forget = registerView(view);
    } catch (error) {
      element.classList.add("view-failed");
      element.textContent = `${label} cannot be drawn: ${sentenceOf(error)}`;
    }
    return () => {
      forget();
      view?.dispose();
      element.remove();
    };
  }, [create, session, label]);
  return <section ref={place} className="view" aria-label={label} />;
}
