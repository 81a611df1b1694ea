/**
 * A press on a button or a line to drag leaves the keyboard where it was: with the scene.
 *
 * Otherwise the next key would light a focus ring on whatever was clicked last. What is being typed
 * ends, as it would with any other press.
 */

import type { MouseEvent } from "react";
import { isTyping } from "../editor/chord";

const PRESSED = "button, [role=separator], [role=slider], [role=option], .lane, .ruler";

export function leaveFocus(event: MouseEvent): void {
  if (!(event.target instanceof Element) || isTyping(event.target) || !event.target.closest(PRESSED)) return;
  if (event.target.closest("[role=dialog], [role=menu]")) return; // these have a keyboard of their own
  event.preventDefault();
  if (document.activeElement instanceof HTMLElement && isTyping(document.activeElement)) {
    document.activeElement.blur();
  }
}
