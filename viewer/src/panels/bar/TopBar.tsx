import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconHelpCircle,
  IconSearch,
} from "@tabler/icons-react";
import { navigate } from "../../app/route";
import { Cap } from "../controls/Cap";
import { Control } from "../controls/Control";
import { plural, writeCount } from "../controls/number";
import { countNeeds } from "../labels/tracks";
import { useApp, useSession } from "../session/context";
import { openDialog } from "../session/panel";
import { Logo } from "./Logo";
import { People } from "./People";
import { SaveBadge } from "./SaveBadge";
import { SceneMenu } from "./SceneMenu";

const ICON = { size: 18, stroke: 1.7 };

export function TopBar() {
  return (
    <header className="topbar">
      <button type="button" className="home" aria-label="All scenes" onClick={() => navigate("/")}>
        <Logo /> Worldline
      </button>
      <SceneMenu />
      <span className="rule" />
      <History />
      <SaveBadge />
      <span className="grow" />
      <Needs />
      <Control
        label="Find an object, a frame or a command"
        shortcut="Ctrl+K"
        look="tall boxed search"
        onClick={() => openDialog("palette")}
      >
        <IconSearch size={15} /> Find or run <Cap>Ctrl K</Cap>
      </Control>
      <People />
      <Control label="Keys" shortcut="?" look="tall" onClick={() => openDialog("keys")}>
        <IconHelpCircle {...ICON} />
      </Control>
      <Control label="Export the labels to a format" look="tall main" onClick={() => openDialog("export")}>
        Export
      </Control>
    </header>
  );
}

function History() {
  const { editor } = useSession();
  const undo = useApp((state) => state.can_undo);
  const redo = useApp((state) => state.can_redo);
  return (
    <>
      <Control
        label={undo ? `Undo: ${undo}` : "Nothing to undo"}
        shortcut="Ctrl+Z"
        look="tall"
        disabled={undo === null}
        onClick={() => void editor.undo()}
      >
        <IconArrowBackUp {...ICON} />
      </Control>
      <Control
        label={redo ? `Redo: ${redo}` : "Nothing to redo"}
        shortcut="Ctrl+Shift+Z"
        look="tall"
        disabled={redo === null}
        onClick={() => void editor.redo()}
      >
        <IconArrowForwardUp {...ICON} />
      </Control>
    </>
  );
}

/** Amber only while something waits; the key always goes to the next. */
function Needs() {
  const { editor } = useSession();
  const count = useApp((state) => countNeeds(state.labels));
  if (count === 0) return null;
  return (
    <Control
      label={`${plural(count, "machine keyframe")} of low quality nobody accepted: go to the next`}
      shortcut="N"
      look="tall need"
      onClick={() => editor.nextToLookAt()}
    >
      <IconAlertTriangle size={16} /> {writeCount(count)} {count === 1 ? "needs" : "need"} you <Cap>N</Cap>
    </Control>
  );
}
