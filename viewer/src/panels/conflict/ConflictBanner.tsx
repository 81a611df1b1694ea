import "./conflict.css";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Control } from "../controls/Control";
import { useApp, useSession } from "../session/context";
import { describePath, describeValue } from "./describe";

const MOST = 4;

/** Both values with their authors, and the choice. It lies low on the cloud and blocks nothing else. */
export function ConflictBanner() {
  const { editor } = useSession();
  const conflict = useApp((state) => state.conflict);
  const labels = useApp((state) => state.labels);
  const me = useApp((state) => state.session.name);
  if (!conflict) return null;
  const authors = [
    ...new Set(conflict.items.map((item) => (item.author === me ? "You in another window" : item.author))),
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
      <table>
        <thead>
          <tr>
            <th>what</th>
            <th>yours</th>
            <th>theirs</th>
          </tr>
        </thead>
        <tbody>
          {conflict.items.slice(0, MOST).map((item) => (
            <tr key={item.path}>
              <td className="dim">{describePath(item.path, labels)}</td>
              <td>{describeValue(item.yours)}</td>
              <td>
                {describeValue(item.theirs)} <span className="faint">{item.author}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
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
