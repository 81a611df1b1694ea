/** All about the selected object, at the frame shown. */

import "./inspector.css";
import { useMemo } from "react";
import { insideOf, useSweeps } from "../labels/sweeps";
import { useApp } from "../session/context";
import { Attributes } from "./Attributes";
import { Deeds } from "./Deeds";
import { Finding } from "./Finding";
import { Keyframes } from "./Keyframes";
import { Measures } from "./Measures";
import { Nothing } from "./Nothing";
import { useSubject } from "./subject";
import { Title } from "./Title";

export function Inspector() {
  const subject = useSubject();
  const sweeps = useSweeps();
  const playing = useApp((state) => state.playing);
  const inside = useMemo(
    () => (subject?.cuboid && sweeps && !playing ? insideOf(sweeps, subject.cuboid) : null),
    [subject?.cuboid, sweeps, playing],
  );
  return (
    <section className="inspector" aria-label="Inspector">
      {subject ? (
        <>
          <Title subject={subject} inside={inside} />
          <Finding subject={subject} />
          {subject.track?.kind === "cuboid" && <Measures subject={subject} gaps={inside?.gaps_m ?? null} />}
          {subject.track && <Attributes subject={subject} track={subject.track} />}
          {subject.track && <Keyframes subject={subject} track={subject.track} />}
          <Deeds subject={subject} />
        </>
      ) : (
        <Nothing />
      )}
    </section>
  );
}
