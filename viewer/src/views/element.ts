/** Small pieces of HTML and of tokens.css that the views share. */

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  parent: HTMLElement,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  parent.append(node);
  return node;
}

/** A colour token of tokens.css, as CSS. */
export function token(name: string, fallback: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return value === "" ? fallback : value;
}

/** --need of tokens.css: amber, for what asks for a look and nothing else. */
export const NEED = "#ffb224";

/** Red, green and blue, 0 to 1, of `#rrggbb`. */
export function rgb(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  if (Number.isNaN(value)) return [1, 1, 1];
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** `#rrggbb` with an opacity, as CSS. */
export function faded(hex: string, alpha: number): string {
  const [r, g, b] = rgb(hex);
  return `rgba(${Math.round(r * 255)}, ${Math.round(g * 255)}, ${Math.round(b * 255)}, ${alpha})`;
}

/** Calls back with CSS pixels now and whenever the element's size changes; returns how to stop. */
export function watchSize(
  element: HTMLElement,
  changed: (width: number, height: number) => void,
): () => void {
  const observer = new ResizeObserver(() => changed(element.clientWidth, element.clientHeight));
  observer.observe(element);
  return () => observer.disconnect();
}

/** Runs `draw` once before the next paint, however often it is asked. */
export function onDemand(draw: () => void): { request(): void; cancel(): void } {
  let asked = 0;
  return {
    request() {
      if (asked === 0)
        asked = requestAnimationFrame(() => {
          asked = 0;
          draw();
        });
    },
    cancel() {
      cancelAnimationFrame(asked);
      asked = 0;
    },
  };
}
