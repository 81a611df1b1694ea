import { Menu, Tooltip } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { Cap } from "../controls/Cap";
import { Tip } from "../controls/Control";
import { writeCount } from "../controls/number";
import type { Inside } from "../labels/inside";
import { classColor, objectName } from "../labels/tracks";
import { useApp, useSession } from "../session/context";
import type { Subject } from "./subject";

/** Name, class, and how many points the cuboid holds. */
export function Title({ subject, inside }: { subject: Subject; inside: Inside | null }) {
  const { editor } = useSession();
  const { object } = subject;
  const classes = useApp((state) => state.scene?.classes) ?? [];
  const color = useApp((state) => classColor(state, object.class_name));
  const at = classes.findIndex((each) => each.name === object.class_name);
  return (
    <header className="title">
      <span className="swatch" style={{ background: color }} />
      <h2>{objectName(object)}</h2>
      <Menu position="bottom-start">
        <Menu.Target>
          <Tooltip label={<Tip text="Change the class" shortcut="1–9" />}>
            <button type="button" className="control boxed" aria-label="Class">
              <span>{classes[at]?.title ?? object.class_name}</span>
              {at >= 0 && at < 9 && <Cap>{at + 1}</Cap>}
              <IconChevronDown size={13} />
            </button>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown mah={380} style={{ overflowY: "auto" }}>
          {classes.map((each, index) => (
            <Menu.Item
              key={each.name}
              data-chosen={index === at || undefined}
              leftSection={<span className="swatch" style={{ background: each.color }} />}
              rightSection={index < 9 ? <Cap>{index + 1}</Cap> : null}
              onClick={() => editor.chooseClass(each.name)}
            >
              {each.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {inside && (
        <Tooltip label="Points inside the cuboid; and just outside it, the ground left out">
          <span className="dim counts">
            <span>
              <b>{writeCount(inside.count)}</b> points inside
            </span>
            {inside.near_count > 0 && <span>, {writeCount(inside.near_count)} within 10 cm</span>}
          </span>
        </Tooltip>
      )}
    </header>
  );
}
