/** The browser's video decoder behind the interface of `video.ts`. */

import type { VideoStream } from "../state/model";
import type { OpenDecoder } from "./video";

const SETTLE_MS = 40;

const configOf = (stream: VideoStream): VideoDecoderConfig => {
  const config: VideoDecoderConfig = {
    codec: stream.codec,
    codedWidth: stream.width_px,
    codedHeight: stream.height_px,
  };
  if (stream.extradata_base64) {
    config.description = Uint8Array.from(atob(stream.extradata_base64), (character) =>
      character.charCodeAt(0),
    );
  }
  return config;
};

const open: OpenDecoder = (stream, output, failed) => {
  let spoken = performance.now();
  const decoder = new VideoDecoder({
    output: (frame) => {
      spoken = performance.now();
      output(frame.timestamp, uprightImage(squarePixels(frame), stream.rotation_deg));
    },
    error: failed,
  });
  decoder.configure(configOf(stream));
  return {
    decode({ key, timestamp, data }) {
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp, data }));
    },
    flush: () => decoder.flush(),
    reset() {
      decoder.reset();
      decoder.configure(configOf(stream));
    },
    async idle() {
      const start = performance.now();
      while (decoder.state === "configured") {
        const quiet = performance.now() - Math.max(spoken, start);
        if (decoder.decodeQueueSize === 0 && quiet >= SETTLE_MS) return;
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS / 8));
      }
    },
    close() {
      if (decoder.state !== "closed") decoder.close();
    },
  };
};

/** The frame with one pixel a sample, whatever shape the film says its pixels have: labels count samples. */
const squarePixels = (frame: VideoFrame): VideoFrame => {
  const { width, height } = frame.visibleRect ?? { width: frame.displayWidth, height: frame.displayHeight };
  if (frame.displayWidth === width && frame.displayHeight === height) return frame;
  try {
    return new VideoFrame(frame, { displayWidth: width, displayHeight: height });
  } finally {
    frame.close();
  }
};

/** The frame as an image, turned as the container says; the frame is given back to the decoder. */
const uprightImage = async (frame: VideoFrame, rotation_deg: number): Promise<ImageBitmap> => {
  try {
    if (rotation_deg % 360 === 0) return await createImageBitmap(frame);
    const [width, height] = [frame.displayWidth, frame.displayHeight];
    const lies = Math.abs(rotation_deg) % 180 === 90;
    const canvas = new OffscreenCanvas(lies ? height : width, lies ? width : height);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("this browser cannot turn a video");
    context.translate(canvas.width / 2, canvas.height / 2);
    context.rotate((rotation_deg * Math.PI) / 180);
    context.drawImage(frame, -width / 2, -height / 2);
    return canvas.transferToImageBitmap();
  } finally {
    frame.close();
  }
};

const supported = new WeakMap<VideoStream, Promise<boolean>>();

export const webCodecs = {
  open,
  /** Whether this browser decodes the stream; where it does not, the server's images serve. */
  supports(stream: VideoStream): Promise<boolean> {
    let answer = supported.get(stream);
    if (!answer) {
      answer =
        typeof VideoDecoder === "undefined"
          ? Promise.resolve(false)
          : VideoDecoder.isConfigSupported(configOf(stream)).then(
              ({ supported: isSupported }) => isSupported === true,
              () => false,
            );
      supported.set(stream, answer);
    }
    return answer;
  },
} as const;
