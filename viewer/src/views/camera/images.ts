/** The image shown: the old one stays until the new one is there. A strip's is a small one. */

import { UNKNOWN_FRAME } from "../../space/clock";
import type { CameraSensor } from "../../state/model";
import type { DataStream } from "../context";

export interface ShownImage {
  readonly sensor: CameraSensor;
  /** The scene's frame, and the camera's own. */
  readonly frame: number;
  readonly own_frame: number;
  readonly image: ImageBitmap | null;
  readonly error: string | null;
}

export class FrameImage {
  private wanted = "";

  constructor(
    private readonly stream: DataStream,
    private readonly ready: (shown: ShownImage) => void,
    private readonly size: "whole" | "small" = "whole",
  ) {}

  want(sensor: CameraSensor, frame: number, own_frame: number): void {
    const key = `${sensor.name}/${frame}`;
    if (key === this.wanted || own_frame === UNKNOWN_FRAME) return; // its page comes first
    this.wanted = key;
    const { stream, size } = this;
    const whole = stream.peekImage(sensor.name, own_frame);
    const held = whole ?? (size === "small" ? stream.peekSmall(sensor.name, own_frame) : null);
    if (held !== null) {
      this.ready({ sensor, frame, own_frame, image: held, error: null });
      return;
    }
    const asked =
      size === "small" ? stream.small(sensor.name, own_frame) : stream.image(sensor.name, own_frame);
    asked.then(
      (image) => {
        if (this.wanted === key) this.ready({ sensor, frame, own_frame, image, error: null });
      },
      (reason: unknown) => {
        if (this.wanted !== key) return;
        this.wanted = "";
        if (reason instanceof DOMException && reason.name === "AbortError") return;
        this.ready({ sensor, frame, own_frame, image: null, error: "image of this frame could not be read" });
      },
    );
  }

  forget(): void {
    this.wanted = "";
  }
}
