/** A button with a tooltip that names its key, or says why it is off. */

import { Tooltip } from "@mantine/core";
import { type ButtonHTMLAttributes, Children, type ReactNode, type Ref } from "react";
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
        aria-label={nameOf(children, label)}
        aria-pressed={pressed}
        aria-keyshortcuts={shortcut}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  );
}

/** The accessible name: it begins with what is written on the button, so that a voice can say it. */
function nameOf(children: ReactNode, label: string): string {
  const written = Children.toArray(children)
    .filter((child) => typeof child === "string" || typeof child === "number")
    .join("")
    .trim();
  return label.includes(written) ? label : `${written}: ${label}`;
}

export function Tip({ text, shortcut }: { text: string; shortcut?: string | undefined }) {
  return (
    <span className="tip">
      {text}
      {shortcut && <Cap>{shortcut}</Cap>}
    </span>
  );
}
