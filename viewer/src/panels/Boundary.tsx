/** When a panel breaks: what happened, what was kept, what to do. */

import { IconAlertTriangle } from "@tabler/icons-react";
import { Component, type ReactNode } from "react";
import { sentenceOf } from "./session/client";

interface State {
  readonly sentence: string | null;
}

export class Boundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { sentence: null };

  static getDerivedStateFromError(error: unknown): State {
    return { sentence: sentenceOf(error) };
  }

  override render() {
    if (this.state.sentence === null) return this.props.children;
    return (
      <div className="page-middle">
        <div className="page-error" role="alert">
          <IconAlertTriangle size={20} />
          <b>The page broke while drawing itself</b>
          <span className="dim">{this.state.sentence}</span>
          <span className="dim">
            Your changes are saved, or kept in this browser and sent after loading again.
          </span>
          <div>
            <button type="button" className="control tall main" onClick={() => window.location.reload()}>
              Load again
            </button>
          </div>
        </div>
      </div>
    );
  }
}
