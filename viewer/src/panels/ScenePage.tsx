/** One scene: opening, open, or why it cannot be opened. */

import { Loader } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { navigate } from "../app/route";
import { openScene, type Session } from "../app/session";
import { sentenceOf } from "./session/client";
import { SessionContext } from "./session/context";
import { closeDialog } from "./session/panel";
import { Workbench } from "./Workbench";

type Opening =
  | { readonly kind: "opening" }
  | { readonly kind: "open"; readonly session: Session }
  | { readonly kind: "failed"; readonly sentence: string };

export function ScenePage({ name }: { name: string }) {
  const [opening, setOpening] = useState<Opening>({ kind: "opening" });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt opens the scene again
  useEffect(() => {
    const leaving = new AbortController();
    let session: Session | null = null;
    setOpening({ kind: "opening" });
    document.title = `${name} · Worldline`;
    openScene(name, leaving.signal).then(
      (opened) => {
        if (leaving.signal.aborted) opened.close();
        else {
          session = opened;
          setOpening({ kind: "open", session: opened });
        }
      },
      (error: unknown) => {
        if (!leaving.signal.aborted) setOpening({ kind: "failed", sentence: sentenceOf(error) });
      },
    );
    return () => {
      leaving.abort();
      closeDialog();
      session?.close();
    };
  }, [name, attempt]);

  if (opening.kind === "open")
    return (
      <SessionContext value={opening.session}>
        <Workbench />
      </SessionContext>
    );
  return (
    <div className="page-middle">
      {opening.kind === "opening" ? (
        <>
          <Loader size={20} />
          <span className="dim">Opening {name}</span>
        </>
      ) : (
        <div className="page-error" role="alert">
          <IconAlertTriangle size={20} />
          <b>{name} cannot be opened</b>
          <span className="dim">{opening.sentence}</span>
          <div>
            <button type="button" className="control tall boxed" onClick={() => navigate("/")}>
              All scenes
            </button>
            <button type="button" className="control tall main" onClick={() => setAttempt(attempt + 1)}>
              Try again
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
