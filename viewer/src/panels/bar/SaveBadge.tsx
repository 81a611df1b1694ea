import { Tooltip } from "@mantine/core";
import { IconCloudCheck, IconCloudOff, IconCloudUp, IconCloudX } from "@tabler/icons-react";
import type { SaveState } from "../../state/model";
import { useApp } from "../session/context";

const ICON = { size: 17, stroke: 1.6 };

/** What has become of the last changes: always visible, never moving anything. */
export function SaveBadge() {
  const save = useApp((state) => state.save);
  const { icon, text, hint } = describe(save);
  return (
    <Tooltip label={save.message ?? hint}>
      <span className={`save ${save.kind}`} role="status">
        {icon}
        {text}
      </span>
    </Tooltip>
  );
}

function describe(save: SaveState) {
  const { kind, pending } = save;
  switch (kind) {
    case "saved":
      return {
        icon: <IconCloudCheck {...ICON} />,
        text:
          save.saved_at === null
            ? "all saved"
            : `saved ${new Date(save.saved_at).toLocaleTimeString("en-GB")}`,
        hint: "Every change is with the server",
      };
    case "saving":
      return {
        icon: <IconCloudUp {...ICON} />,
        text: `saving ${pending}`,
        hint: "On the way to the server; also kept in this browser",
      };
    case "offline":
      return {
        icon: <IconCloudOff {...ICON} />,
        text: pending > 0 ? `offline, ${pending} kept here` : "offline",
        hint: "The server does not answer. Changes are kept in this browser and sent when it does",
      };
    case "conflict":
      return {
        icon: <IconCloudX {...ICON} />,
        text: "conflict",
        hint: "Somebody else changed the same thing: choose below which holds",
      };
    case "error":
      return {
        icon: <IconCloudX {...ICON} />,
        text: pending > 0 ? `not saved, ${pending} kept here` : "not saved",
        hint: "The server refused a change",
      };
  }
}
