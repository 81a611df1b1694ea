import "./conflict.css";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Fragment } from "react";
import { Control } from "../controls/Control";
import { useApp, useSession } from "../session/context";
import { describePath, describeValue } from "./describe";

const MOST = 2;

/** Both values with their authors, and the choice; above the object it is about, never over the views. */
export function ConflictBanner() {
  const { editor } = useSession();
  const conflict = useApp((state) => state.conflict);
  const labels = useApp((state) => state.labels);
  const me = useApp((state) => state.session);
  if (!conflict) return null;
  const authors = [
    ...new Set(
      conflict.items.map(({ author }) =>
        author === me.id || author === me.name ? "You in another window" : author,
      ),
    ),
  ].join(", ");
  return (
    <div className="conflict-banner" role="alertdialog" aria-label="Conflict">
      <div className="line-error">
        <IconAlertTriangle size={15} />
        <span>
          <b>{authors}</b> changed the same thing before your change “{conflict.label}” arrived. Yours is kept
          here until you choose.
        </span>
      </div>
      <div className="conflict-values">
        <span className="faint">yours</span>
        <span className="faint">theirs, dashed</span>
        {conflict.items.slice(0, MOST).map((item) => (
          <Fragment key={item.path}>
            <span className="dim conflict-what">{describePath(item.path, labels)}</span>
            <span>{describeValue(item.yours)}</span>
            <span>{describeValue(item.theirs)}</span>
          </Fragment>
        ))}
      </div>
      {conflict.items.length > MOST && (
        <span className="faint">and {conflict.items.length - MOST} more, decided the same way</span>
      )}
      <div className="buttons">
        <Control
          label="Keep what stands; your change is dropped"
          look="boxed"
          onClick={() => editor.takeTheirs()}
        >
          Take theirs
        </Control>
        <Control
          label="Your change replaces theirs; theirs stays in the history"
          look="main"
          onClick={() => editor.keepMine()}
        >
          Keep mine
        </Control>
      </div>
    </div>
  );
}
