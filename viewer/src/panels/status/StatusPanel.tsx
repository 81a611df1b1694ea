/** What drawing and loading cost right now: for whoever wonders why something is slow. */

import "./status.css";
import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { createMeter, viewMeters } from "../../stream/meter";
import type { StreamStatus } from "../../stream/status";
import { useSession } from "../session/context";
import { megabytes, milliseconds, NONE, rowOf } from "./figures";

const shown = createStore<{ readonly open: boolean }>()(() => ({ open: false }));
const EVERY_MS = 250;
const COLUMNS = ["MiB held", "at hand", "loading + waiting", "given up", "decode ms", "MiB fetched"];

export const toggleStatus = (): void => shown.setState(({ open }) => ({ open: !open }));

export function StatusPanel() {
  return useStore(shown, (state) => state.open) ? <Figures /> : null;
}

function Figures() {
  const { stream } = useSession();
  const [status, setStatus] = useState<StreamStatus>(() => stream.status());
  const [frame_ms, setFrameTime] = useState<number | null>(null);
  useEffect(() => {
    const timer = setInterval(() => setStatus(stream.status()), EVERY_MS);
    return () => clearInterval(timer);
  }, [stream]);
  useEffect(() => {
    const meter = createMeter();
    let [asked, last, told] = [0, performance.now(), 0];
    const tick = (now: number): void => {
      meter.note(now - last);
      last = now;
      if (now - told > EVERY_MS) {
        told = now;
        setFrameTime(meter.median());
      }
      asked = requestAnimationFrame(tick);
    };
    asked = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(asked);
  }, []);
  const { points, images, fields, work } = status;
  const rows = [
    rowOf("Points", points, work.points),
    rowOf("Images", images, work.image),
    rowOf("Fields", fields, work.field),
    rowOf("Video packets", null, work.packets),
  ];
  const calls = viewMeters.calls.median();
  const failed = points.failed + images.failed + fields.failed;
  return (
    <section className="status-panel" aria-label="Status of data and drawing">
      <header>
        Status
        <button type="button" aria-label="Close the status" onClick={toggleStatus}>
          <IconX size={14} stroke={1.7} />
        </button>
      </header>
      <p>
        frame <b>{milliseconds(frame_ms)} ms</b>, drawing <b>{milliseconds(viewMeters.draw.median())} ms</b>{" "}
        in <b>{calls ?? NONE}</b> calls, new points to buffers{" "}
        <b>{milliseconds(viewMeters.buffers.median())} ms</b>
      </p>
      <table>
        <thead>
          <tr>
            <td />
            {COLUMNS.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, n) => (
                <td key={COLUMNS[n]}>{cell}</td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Together</th>
            <td>{megabytes(points.bytes + images.bytes + fields.bytes)}</td>
            <td colSpan={5}>{failed > 0 ? `${failed} failed` : ""}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
