/** Every key, on one page. */

import { Modal } from "@mantine/core";
import { KEY_MAP } from "../../editor/keys";
import { Cap } from "../controls/Cap";
import { closeDialog, useDialog } from "../session/panel";
import { capsOf, groupKeys } from "./sheet";
import "./keys.css";

const POINTER: readonly (readonly [string, string])[] = [
  ["Right-drag", "Pan"],
  ["Wheel", "Zoom to the pointer"],
  ["Shift+wheel", "Pan the timeline"],
];

export function CheatSheet() {
  const open = useDialog() === "keys";
  return (
    <Modal opened={open} onClose={closeDialog} title="Keys" size={1080}>
      {open && (
        <div className="cheats" data-autofocus tabIndex={-1}>
          {groupKeys(KEY_MAP).map(({ group, lines }) => (
            <section key={group}>
              <h3>{group}</h3>
              {lines.map((line) => (
                <Line key={line.title} title={line.title} chords={line.keys} />
              ))}
              {group === "Shape" && <p className="faint">With Shift coarse, with Alt fine</p>}
            </section>
          ))}
          <section>
            <h3>Pointer</h3>
            {POINTER.map(([chord, title]) => (
              <Line key={title} title={title} chords={[chord]} />
            ))}
          </section>
        </div>
      )}
    </Modal>
  );
}

function Line({ title, chords }: { title: string; chords: readonly string[] }) {
  return (
    <div className="cheat">
      <span className="grow">{title}</span>
      {chords.map((chord) => (
        <span className="keys" key={chord}>
          {capsOf(chord).map((cap) => (
            <Cap key={cap}>{cap}</Cap>
          ))}
        </span>
      ))}
    </div>
  );
}
