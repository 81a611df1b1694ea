import { Progress } from "@mantine/core";
import { IconCheck, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { failureOf, isTransient } from "../../protocol/errors";
import { plural, writeCount } from "../controls/number";
import { client, sentenceOf } from "../session/client";
import { closeDialog } from "../session/panel";
import { Failure } from "./ExportDialog";

/** A running or finished export. Asks the server twice a second until it has ended. */
export function JobProgress({ id, onAgain }: { id: string; onAgain: () => void }) {
  const job = useQuery({
    queryKey: ["job", id],
    queryFn: ({ signal }) => client.job(id, signal),
    refetchInterval: ({ state }) => {
      if (state.error) {
        const failure = failureOf(state.error);
        return failure && isTransient(failure) ? 2000 : false;
      }
      return state.data && ["done", "failed", "cancelled"].includes(state.data.state) ? false : 500;
    },
  });
  const cancel = () => {
    void client.cancelJob(id, AbortSignal.timeout(10_000)).then(
      () => job.refetch(),
      () => job.refetch(), // the job's own state says whether it ended
    );
  };
  const state = job.data?.state ?? "queued";
  const { done, total } = job.data?.progress ?? { done: 0, total: 0 };
  const ended = state === "done" || state === "failed" || state === "cancelled";
  return (
    <div className="export">
      {job.isError && <Failure text={sentenceOf(job.error)} />}
      {!ended && (
        <>
          <span className="dim">
            {state === "queued"
              ? "Waiting for its turn"
              : `${writeCount(done)} of ${plural(total, "step")} written`}
          </span>
          <Progress
            value={total > 0 ? (100 * done) / total : 0}
            size={4}
            transitionDuration={0}
            aria-label="Progress"
          />
        </>
      )}
      {state === "failed" && <Failure text={job.data?.error ?? "The export failed"} />}
      {state === "cancelled" && <span className="dim">Cancelled. Nothing was written.</span>}
      {state === "done" && job.data && <Losses losses={job.data.losses} />}
      <div className="buttons">
        {ended ? (
          <button type="button" className="control tall boxed" onClick={onAgain}>
            Another format
          </button>
        ) : (
          <button type="button" className="control tall boxed" onClick={cancel}>
            Cancel
          </button>
        )}
        {state === "done" ? (
          <a
            className="control tall main"
            href={client.jobFileUrl(id)}
            download={job.data?.file_name ?? true}
          >
            <IconDownload size={16} /> {job.data?.file_name ?? "Download"}
          </a>
        ) : (
          ended && (
            <button type="button" className="control tall main" onClick={closeDialog}>
              Close
            </button>
          )
        )}
      </div>
    </div>
  );
}

interface Loss {
  readonly what: string;
  readonly count: number;
  readonly why: string;
}

function Losses({ losses }: { losses: readonly Loss[] }) {
  if (losses.length === 0)
    return (
      <span>
        <IconCheck size={14} className="ok" aria-hidden /> Everything was carried over.
      </span>
    );
  return (
    <>
      <span>Done. This format could not carry:</span>
      <ul className="losses">
        {losses.map((loss) => (
          <li key={`${loss.what} ${loss.why}`}>
            <b>{writeCount(loss.count)}</b>
            <span className="grow">
              {loss.what} <span className="dim">{loss.why}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
