/** The packets of a video, as the server sends their index. */

import type { PacketIndex } from "../state/model";
import { unpackColumns } from "./columns";

export const readPackets = (buffer: ArrayBuffer): PacketIndex => {
  const { column } = unpackColumns<object>(buffer);
  return {
    pts: Array.from(column("pts")),
    size: Array.from(column("size")),
    key: Array.from(column("key"), (value) => value !== 0),
    frame: Array.from(column("frame")),
  };
};
