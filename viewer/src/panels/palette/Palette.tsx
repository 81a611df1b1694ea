/** One field that finds an object, a frame or a command. */

import "./palette.css";
import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { Cap } from "../controls/Cap";
import { closeDialog, useDialog } from "../session/panel";
import { useEntries } from "./entries";
import { best } from "./match";

const MOST = 12;

export function Palette() {
  const open = useDialog() === "palette";
  return (
    <Modal
      opened={open}
      onClose={closeDialog}
      withCloseButton={false}
      size={560}
      yOffset={96}
      centered={false}
      styles={{ body: { padding: 0 } }}
      overlayProps={{ backgroundOpacity: 0.3 }}
      aria-label="Find or run"
    >
      {open && <Search />}
    </Modal>
  );
}

function Search() {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const entries = useEntries(query);
  const found = useMemo(() => best(query, entries, MOST), [query, entries]);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const run = (index: number) => {
    const entry = found[index];
    if (!entry) return;
    closeDialog();
    entry.run();
  };
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((now) => (now + step + found.length) % Math.max(found.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(at);
    } else if (event.key === "Escape") closeDialog();
  };
  return (
    <div className="palette">
      <div className="field">
        <IconSearch size={17} stroke={1.7} />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[at] ? `palette-${at}` : undefined}
          aria-label="Find an object, a frame or a command"
          placeholder="Object, frame number or command"
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={press}
        />
      </div>
      <div className="list" id="palette-list" role="listbox" aria-label="Found" ref={list}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and the keys
          <div
            key={entry.id}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="entry"
            onPointerMove={() => setAt(index)}
            onClick={() => run(index)}
          >
            {entry.color && <span className="swatch" style={{ background: entry.color }} />}
            <span className="grow ellipsis">{entry.text}</span>
            <span className="faint">{entry.hint}</span>
            {entry.shortcut && <Cap>{entry.shortcut}</Cap>}
          </div>
        ))}
        {found.length === 0 && <div className="none dim">Nothing is called “{query}”</div>}
      </div>
    </div>
  );
}
