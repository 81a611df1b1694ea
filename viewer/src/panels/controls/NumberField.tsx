/** A number with its letter and unit. Enter or leaving commits, Escape gives up, arrows step. */

import { Tooltip } from "@mantine/core";
import { type KeyboardEvent, useRef, useState } from "react";
import { parseNumber, writeNumber } from "./number";

interface Props {
  readonly letter: string;
  readonly label: string;
  readonly unit: string;
  readonly value: number | null;
  readonly digits: number;
  readonly step: number;
  readonly min?: number;
  readonly disabled?: boolean;
  readonly onCommit: (value: number) => void;
}

export function NumberField({ letter, label, unit, value, digits, step, min, disabled, onCommit }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const left = useRef(false); // Escape blurs: that must not commit
  const shown = typed ?? (value === null ? "" : writeNumber(value, digits));
  const parsed = typed === null ? value : parseNumber(typed);
  const wrong = typed !== null && (parsed === null || (min !== undefined && parsed < min));

  const commit = () => {
    if (!left.current && typed !== null && parsed !== null && !wrong) {
      if (value === null || writeNumber(parsed, digits) !== writeNumber(value, digits)) onCommit(parsed);
    }
    left.current = false;
    setTyped(null);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation();
    if (event.key === "Enter") {
      if (wrong) return; // stays marked, to be mended
      commit();
      event.currentTarget.select();
    } else if (event.key === "Escape") {
      left.current = true;
      event.currentTarget.blur();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      if (parsed === null) return;
      const size = step * (event.shiftKey ? 10 : event.altKey ? 0.1 : 1);
      const next = parsed + (event.key === "ArrowUp" ? size : -size);
      setTyped(writeNumber(min === undefined ? next : Math.max(min, next), digits));
    }
  };
  return (
    <Tooltip label={label} disabled={typed !== null}>
      <label className="number" data-wrong={wrong || undefined} data-off={disabled || undefined}>
        <span className="letter">{letter}</span>
        <input
          inputMode="decimal"
          autoComplete="off"
          spellCheck={false}
          aria-label={label}
          aria-invalid={wrong}
          disabled={disabled}
          value={shown}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={commit}
          onKeyDown={press}
        />
        <span className="unit">{unit}</span>
      </label>
    </Tooltip>
  );
}
