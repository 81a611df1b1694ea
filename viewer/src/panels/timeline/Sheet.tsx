/** A canvas that fills its place, sharp on any screen, painted once a frame at most and only when something changed. */

import { type CanvasHTMLAttributes, useEffect, useRef } from "react";

export type Paint = (context: CanvasRenderingContext2D, width: number, height: number) => void;

interface Props extends CanvasHTMLAttributes<HTMLCanvasElement> {
  readonly paint: Paint;
  /** Calls back whenever what is painted may have changed; returns how to stop that. */
  readonly watch: (changed: () => void) => () => void;
  readonly onResize?: (width: number, height: number) => void;
}

export function Sheet({ paint, watch, onResize, ...rest }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(paint);
  const resized = useRef(onResize);
  const ask = useRef<() => void>(() => {});
  latest.current = paint;
  resized.current = onResize;

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    let request = 0;
    const draw = () => {
      request = 0;
      const [width, height, ratio] = [element.clientWidth, element.clientHeight, window.devicePixelRatio];
      const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (element.width !== wide || element.height !== tall) [element.width, element.height] = [wide, tall];
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      latest.current(context, width, height);
    };
    const changed = () => {
      if (request === 0) request = requestAnimationFrame(draw);
    };
    ask.current = changed;
    const observer = new ResizeObserver(() => {
      resized.current?.(element.clientWidth, element.clientHeight);
      changed();
    });
    observer.observe(element);
    const stop = watch(changed);
    void document.fonts.ready.then(changed);
    return () => {
      stop();
      observer.disconnect();
      cancelAnimationFrame(request);
      ask.current = () => {};
    };
  }, [watch]);

  useEffect(() => ask.current());
  return <canvas ref={canvas} {...rest} />;
}
