/** What can be done to the object as a whole. */

import { Popover } from "@mantine/core";
import {
  IconArrowBarToLeft,
  IconArrowBarToRight,
  IconRotate2,
  IconTrash,
  IconWand,
  IconWaveSine,
} from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Cap } from "../controls/Cap";
import { Control } from "../controls/Control";
import { objectName } from "../labels/tracks";
import { useSession } from "../session/context";
import { openDialog, useDialog } from "../session/panel";
import type { Subject } from "./subject";

const ICON = { size: 15, stroke: 1.7 };

export function Deeds({ subject }: { subject: Subject }) {
  const { editor } = useSession();
  const none = !subject.track;
  const flat = subject.track?.kind !== "cuboid" || !subject.cuboid;
  return (
    <div className="part">
      <div className="deeds">
        <Control
          label={
            flat ? "Refit: the object has no cuboid in this frame" : "Fit the cuboid to the points again"
          }
          shortcut="X"
          disabled={flat}
          onClick={() => void editor.refit()}
        >
          <IconWand {...ICON} /> Refit <Cap>X</Cap>
        </Control>
        <Control
          label="Turn it half around"
          shortcut="H"
          disabled={flat}
          onClick={() => editor.flipHeading()}
        >
          <IconRotate2 {...ICON} /> Flip
        </Control>
        <Control
          label="Drop machine keyframes up to the next human ones, and compute between those"
          shortcut="I"
          disabled={none}
          onClick={() => editor.interpolate()}
        >
          <IconWaveSine {...ICON} /> Interpolate <Cap>I</Cap>
        </Control>
      </div>
      <div className="deeds">
        <Control
          label="The object appears in this frame: nothing before"
          shortcut="["
          disabled={none}
          onClick={() => editor.startHere()}
        >
          <IconArrowBarToLeft {...ICON} /> Starts here
        </Control>
        <Control
          label="The object is last seen in this frame: nothing after"
          shortcut="]"
          disabled={none}
          onClick={() => editor.endHere()}
        >
          <IconArrowBarToRight {...ICON} /> Ends here
        </Control>
        <span className="grow" />
        <Delete subject={subject} />
      </div>
    </div>
  );
}

function Delete({ subject }: { subject: Subject }) {
  const { editor } = useSession();
  const open = useDialog() === "delete";
  const setOpen = (next: boolean) => openDialog(next ? "delete" : null);
  const place = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) place.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  return (
    <Popover opened={open} onChange={setOpen} position="top-end" width={280} trapFocus>
      <Popover.Target>
        <Control
          ref={place}
          label="Delete the object: says first what goes with it"
          shortcut="Delete"
          look="danger"
          onClick={() => setOpen(!open)}
        >
          <IconTrash {...ICON} /> Delete
        </Control>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="confirm">
          <b>Delete {objectName(subject.object)}?</b>
          <span className="dim">{open && editor.describeDelete(subject.object.id)}</span>
          <div className="buttons">
            <button type="button" className="control boxed" onClick={() => setOpen(false)}>
              Keep it
            </button>
            <button
              type="button"
              className="control boxed danger"
              data-autofocus
              onClick={() => {
                setOpen(false);
                editor.deleteObject(subject.object.id);
              }}
            >
              Delete
            </button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
