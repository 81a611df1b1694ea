/** Labels out to a format: choose, wait, read what it could not carry, download. */

import { Modal } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client, sentenceOf } from "../session/client";
import { useApp, useSession } from "../session/context";
import { closeDialog, useDialog } from "../session/panel";
import { untilSaved } from "../session/saved";
import { JobProgress } from "./JobProgress";
import "./exports.css";

export function ExportDialog() {
  const open = useDialog() === "export";
  return (
    <Modal opened={open} onClose={closeDialog} title="Export the labels" size={520}>
      {open && <Form />}
    </Modal>
  );
}

function Form() {
  const { store } = useSession();
  const scene = useApp((state) => state.scene?.name ?? "");
  const pending = useApp((state) => state.save.pending);
  const formats = useQuery({ queryKey: ["formats"], queryFn: ({ signal }) => client.formats(signal) });
  const [format, setFormat] = useState<string | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const writers = (formats.data ?? []).filter((each) => each.writes);
  const chosen = format ?? writers[0]?.name ?? null;

  const start = async () => {
    if (!chosen) return;
    setProblem(null);
    setStarting(true);
    try {
      await untilSaved(store);
      setJob((await client.startExport(scene, chosen, AbortSignal.timeout(30_000))).id);
    } catch (error) {
      setProblem(sentenceOf(error));
    } finally {
      setStarting(false);
    }
  };
  if (job) return <JobProgress id={job} onAgain={() => setJob(null)} />;
  return (
    <div className="export">
      {formats.isError && <Failure text={sentenceOf(formats.error)} />}
      <div role="radiogroup" aria-label="Format" className="format-list">
        {writers.map((each) => (
          // biome-ignore lint/a11y/useSemanticElements: a button carries the look and the focus ring of all others
          <button
            type="button"
            role="radio"
            key={each.name}
            aria-checked={each.name === chosen}
            className="format"
            onClick={() => setFormat(each.name)}
          >
            <span className="grow">{each.title}</span>
            <span className="code faint">{each.name}</span>
          </button>
        ))}
        {formats.isPending && <span className="dim">Asking the server which formats it writes</span>}
      </div>
      <span className="dim">
        A zip of {scene} at its present state. What the format cannot carry is listed when it is done.
        {pending > 0 &&
          " What is being saved now will be in it; what waits for the server or for you will not."}
      </span>
      {problem && <Failure text={problem} />}
      <div className="buttons">
        <button type="button" className="control tall boxed" onClick={closeDialog}>
          Cancel
        </button>
        <button
          type="button"
          className="control tall main"
          data-autofocus
          disabled={!chosen || starting}
          onClick={() => void start()}
        >
          Export
        </button>
      </div>
    </div>
  );
}

export function Failure({ text }: { text: string }) {
  return (
    <div className="line-error" role="alert">
      <IconAlertTriangle size={15} />
      <span>{text}</span>
    </div>
  );
}
