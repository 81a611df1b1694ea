import { Progress as Bar } from "@mantine/core";
import {
  IconFile,
  IconFolder,
  IconPlayerPause,
  IconPlayerPlay,
  IconUpload,
  IconX,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useEffect, useRef, useState } from "react";
import type { WireJob } from "../../protocol/wire";
import { type Chosen, chosenOf, chosenOfDrop, nameSet, suggestName } from "../../uploads/listing";
import { type Progress, sendFiles } from "../../uploads/upload";
import { Control } from "../controls/Control";
import { plural } from "../controls/number";
import { Failure } from "../exports/ExportDialog";
import { client, sentenceOf } from "../session/client";
import { writeBytes } from "./bytes";

type State = "choosing" | "sending" | "paused" | "importing";

/** Takes files, sends them, and has the server import them; the same files again go on where they were. */
export function UploadBox({ format }: { format: string | null }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [name, setName] = useState("");
  const [state, setState] = useState<State>("choosing");
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const stopping = useRef<AbortController | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const take = (found: readonly Chosen[]) => {
    setError(found.length === 0 ? "There is no file in what was chosen" : null);
    setChosen(found);
    setName(suggestName(found));
    setProgress(null);
    setState("choosing");
  };
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    try {
      take(await chosenOfDrop(event.dataTransfer.items));
    } catch {
      setError("The browser could not read what was dropped");
    }
  };
  const send = async () => {
    const control = new AbortController();
    stopping.current = control;
    setError(null);
    setState("sending");
    try {
      const set = await nameSet(chosen);
      const there = await client.uploads(set, control.signal);
      await sendFiles(`/api/uploads/${set}`, chosen, there, setProgress, control.signal);
      await client.importUploads(set, name, format, control.signal);
      setState("importing");
      setChosen([]);
      await queries.invalidateQueries({ queryKey: ["imports"] });
      await queries.invalidateQueries({ queryKey: ["scenes"] });
    } catch (failure) {
      if (!control.signal.aborted) setError(sentenceOf(failure));
      setState("paused");
    }
  };
  const bytes = chosen.reduce((sum, { file }) => sum + file.size, 0);
  const busy = state === "sending";
  return (
    <section
      className="upload-box"
      aria-label="Upload a recording"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
    >
      <div className="upload-line">
        <IconUpload size={18} stroke={1.6} />
        <span className="grow">
          {chosen.length > 0
            ? `${plural(chosen.length, "file")}, ${writeBytes(bytes)}`
            : "Drop a folder, files, or a zip or tar file here"}
        </span>
        <Control label="Choose a folder" look="boxed" disabled={busy} onClick={() => folder.current?.click()}>
          <IconFolder size={14} /> Folder
        </Control>
        <Control label="Choose files" look="boxed" disabled={busy} onClick={() => files.current?.click()}>
          <IconFile size={14} /> Files
        </Control>
      </div>
      <input
        ref={folder}
        type="file"
        hidden
        multiple
        {...{ webkitdirectory: "" }}
        onChange={(event) => take(chosenOf(event.target.files ?? []))}
      />
      <input
        ref={files}
        type="file"
        hidden
        multiple
        aria-label="Files to upload"
        onChange={(event) => take(chosenOf(event.target.files ?? []))}
      />
      {chosen.length > 0 && (
        <div className="upload-line">
          <label className="grow">
            <span className="faint">Name of the scene</span>
            <input value={name} disabled={busy} onChange={(event) => setName(event.target.value)} />
          </label>
          {busy ? (
            <Control
              label="Pause: what was sent stays"
              look="boxed"
              onClick={() => stopping.current?.abort()}
            >
              <IconPlayerPause size={14} /> Pause
            </Control>
          ) : (
            <Control
              label="Upload and import"
              look="boxed"
              disabled={name === ""}
              onClick={() => void send()}
            >
              <IconPlayerPlay size={14} /> {state === "paused" ? "Go on" : "Upload and import"}
            </Control>
          )}
        </div>
      )}
      {progress !== null && chosen.length > 0 && (
        <div className="upload-progress">
          <span className="faint">
            {writeBytes(progress.bytes)} of {writeBytes(progress.totalBytes)}, {progress.files} of{" "}
            {plural(progress.totalFiles, "file")}
            {state === "paused" && ", paused: the same files go on from here, also after a reload"}
          </span>
          <Bar
            value={(100 * progress.bytes) / Math.max(progress.totalBytes, 1)}
            size={4}
            transitionDuration={0}
            aria-label="Bytes sent"
          />
        </div>
      )}
      {error !== null && <Failure text={error} />}
      <Imports />
    </section>
  );
}

/** The imports that run, those that were done of late, and those that failed, with why. */
function Imports() {
  const queries = useQueryClient();
  const imports = useQuery({
    queryKey: ["imports"],
    queryFn: ({ signal }) => client.imports(signal),
    refetchInterval: ({ state }) => (state.data?.some(isRunning) ? 1000 : 10_000),
  });
  const states = imports.data?.map(({ id, state }) => `${id} ${state}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: an import that began or ended changes the scenes
  useEffect(() => void queries.invalidateQueries({ queryKey: ["scenes"] }), [states, queries]);
  const forget = async (id: string) => {
    await client.cancelJob(id, AbortSignal.timeout(20_000));
    await queries.invalidateQueries({ queryKey: ["imports"] });
  };
  return imports.data?.map((job) => (
    <div key={job.id} className="upload-line import-job" data-state={job.state}>
      <b>{job.scene}</b>
      {job.state === "failed" ? (
        <span className="grow">
          <Failure text={job.error ?? "It failed, and nothing more is known"} />
        </span>
      ) : (
        <span className="grow faint">{job.state === "done" ? "imported" : importing(job)}</span>
      )}
      {isRunning(job) ? (
        <Control label={`Stop importing ${job.scene}`} look="boxed" onClick={() => void forget(job.id)}>
          Stop
        </Control>
      ) : (
        <Control
          label={`Dismiss the import of ${job.scene}`}
          look="quiet"
          onClick={() => void forget(job.id)}
        >
          <IconX size={14} />
        </Control>
      )}
    </div>
  ));
}

const isRunning = ({ state }: WireJob): boolean => state === "queued" || state === "running";

const importing = ({ progress: { done, total } }: WireJob): string =>
  total > 0 ? `importing, ${Math.floor((100 * done) / total)} % of what is being read` : "importing";
