/** One of a few, all in sight. Arrow keys move between them. */

import { Tooltip } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { Tip } from "./Control";

export interface Segment<T> {
  readonly value: T;
  readonly text: string;
  readonly hint?: string;
  readonly shortcut?: string | undefined;
  readonly disabled?: boolean;
}

interface Props<T> {
  readonly label: string;
  readonly value: T | null;
  readonly choices: readonly Segment<T>[];
  readonly onChoose: (value: T) => void;
  readonly disabled?: boolean;
}

export function Segments<T extends string | number | boolean>(props: Props<T>) {
  const { label, value, choices, onChoose, disabled } = props;
  const usable = choices.filter((choice) => !choice.disabled);
  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || usable.length === 0) return;
    event.preventDefault();
    const at = usable.findIndex((choice) => choice.value === value);
    const next = usable[(at + step + usable.length) % usable.length];
    if (!next) return;
    onChoose(next.value);
    const buttons = event.currentTarget.querySelectorAll<HTMLButtonElement>("button");
    buttons[choices.indexOf(next)]?.focus();
  };
  const reachable = usable.some((choice) => choice.value === value) ? value : (usable[0]?.value ?? null);
  return (
    <div className="segments" role="radiogroup" aria-label={label} onKeyDown={walk}>
      {choices.map((choice) => (
        <Tooltip
          key={String(choice.value)}
          label={<Tip text={choice.hint ?? choice.text} shortcut={choice.shortcut} />}
          disabled={!choice.hint && !choice.shortcut}
        >
          {/* biome-ignore lint/a11y/useSemanticElements: a button carries the look and the focus ring of all others */}
          <button
            type="button"
            role="radio"
            aria-checked={choice.value === value}
            tabIndex={choice.value === reachable ? 0 : -1}
            disabled={disabled || choice.disabled}
            onClick={() => onChoose(choice.value)}
          >
            {choice.text}
          </button>
        </Tooltip>
      ))}
    </div>
  );
}
