/** A button with a tooltip that names its key, or says why it is off. */

import { Tooltip } from "@mantine/core";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Cap } from "./Cap";

export interface ControlProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "title"> {
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
  readonly pressed?: boolean;
  readonly side?: "top" | "bottom" | "right" | "left";
  readonly look?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Control({
  label,
  shortcut,
  children,
  pressed,
  side = "bottom",
  look = "",
  className = "",
  ...rest
}: ControlProps) {
  return (
    <Tooltip label={<Tip text={label} shortcut={shortcut} />} position={side}>
      <button
        type="button"
        className={`control ${look} ${className}`.trimEnd()}
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={shortcut}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  );
}

export function Tip({ text, shortcut }: { text: string; shortcut?: string | undefined }) {
  return (
    <span className="tip">
      {text}
      {shortcut && <Cap>{shortcut}</Cap>}
    </span>
  );
}
