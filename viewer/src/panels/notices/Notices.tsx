import "./notices.css";
import { Loader } from "@mantine/core";
import { IconAlertCircle, IconInfoCircle, IconX } from "@tabler/icons-react";
import type { Notice } from "../../state/model";
import { Control } from "../controls/Control";
import { useApp, useSession } from "../session/context";

/** What takes long or went wrong, in the corner of the cloud above the ramp. */
export function Notices() {
  const notices = useApp((state) => state.notices);
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.slice(-4).map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeLine({ notice }: { notice: Notice }) {
  const { editor } = useSession();
  const { cancel, retry, kind } = notice;
  return (
    <div className={`notice ${kind}`}>
      {kind === "progress" ? (
        <Loader size={14} />
      ) : kind === "error" ? (
        <IconAlertCircle size={15} />
      ) : (
        <IconInfoCircle size={15} />
      )}
      <span className="grow">
        {notice.text}
        {notice.detail && <span className="dim"> {notice.detail}</span>}
      </span>
      {retry && (
        <Control
          label="Try again"
          onClick={() => {
            editor.dismissNotice(notice.id);
            retry();
          }}
        >
          Retry
        </Control>
      )}
      {cancel ? (
        <Control label="Stop this" onClick={cancel}>
          Cancel
        </Control>
      ) : (
        kind !== "progress" && (
          <Control label="Put this away" onClick={() => editor.dismissNotice(notice.id)}>
            <IconX size={13} />
          </Control>
        )
      )}
    </div>
  );
}
