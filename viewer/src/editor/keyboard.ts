/** The keyboard: presses become what `KEY_MAP` says. */

import { isTyping } from "./chord";
import { bindingFor, type KeyTarget } from "./keys";

/** Listens until the returned function is called; `isBlocked` says that a window in front takes the keys. */
export const listenToKeys = (
  target: KeyTarget,
  isBlocked: () => boolean = () => false,
  source: Pick<Window, "addEventListener" | "removeEventListener"> = window,
): (() => void) => {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || isBlocked()) return;
    const binding = bindingFor(event, target.store.getState().selected !== null);
    if (!binding) return;
    const leadsOut = binding.keys.includes("Ctrl+K");
    if (isTyping(event.target) && !leadsOut) return;
    event.preventDefault();
    if (!event.repeat || binding.repeats) binding.run(target);
  };
  source.addEventListener("keydown", press);
  return () => source.removeEventListener("keydown", press);
};
