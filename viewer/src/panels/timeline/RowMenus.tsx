/** Which tracks have a row, and in which order. */

import { Menu } from "@mantine/core";
import { IconArrowsSort, IconCheck, IconFilter } from "@tabler/icons-react";
import { useApp } from "../session/context";
import type { Sort } from "./rows";
import { useTimeline, useTimelineState } from "./Timeline";

const SORTS: Record<Sort, string> = {
  number: "Number",
  class: "Class",
  start: "First frame",
  length: "Longest first",
  needs: "Needs you first",
};
const ICON = { size: 16, stroke: 1.7 };

export function RowFilter({ shown, all }: { shown: number; all: number }) {
  const timeline = useTimeline();
  const filter = useTimelineState((state) => state.filter);
  const classes = useApp((state) => state.scene?.classes) ?? [];
  const labels = useApp((state) => state.labels);
  const change = (more: Partial<typeof filter>) => timeline.setState({ filter: { ...filter, ...more } });
  const used = new Set([...labels.objects.values()].map((object) => object.class_name));
  const on = filter.in_frame || filter.needs || filter.class_name !== null;
  const words = [
    filter.class_name === null
      ? null
      : (classes.find((each) => each.name === filter.class_name)?.title ?? null),
    filter.in_frame ? "In this frame" : null,
    filter.needs ? "Needs you" : null,
  ].filter((word) => word !== null);
  return (
    <Menu position="top-end" closeOnItemClick={false}>
      <Menu.Target>
        <button
          type="button"
          className="control"
          data-on={on || undefined}
          aria-label={`Filter the tracks: ${shown} of ${all} shown`}
        >
          <IconFilter {...ICON} />
          {words.length === 0 ? `All ${all}` : `${words.join(", ")}, ${shown} of ${all}`}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Tick on={filter.in_frame} />}
          onClick={() => change({ in_frame: !filter.in_frame })}
        >
          In this frame
        </Menu.Item>
        <Menu.Item leftSection={<Tick on={filter.needs} />} onClick={() => change({ needs: !filter.needs })}>
          Needs you
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<Tick on={filter.class_name === null} />}
          onClick={() => change({ class_name: null })}
        >
          Every class
        </Menu.Item>
        {classes
          .filter((each) => used.has(each.name))
          .map((each) => (
            <Menu.Item
              key={each.name}
              leftSection={<Tick on={filter.class_name === each.name} />}
              rightSection={<span className="swatch" style={{ background: each.color }} />}
              onClick={() => change({ class_name: each.name })}
            >
              {each.title}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function RowSort() {
  const timeline = useTimeline();
  const sort = useTimelineState((state) => state.sort);
  return (
    <Menu position="top-end">
      <Menu.Target>
        <button type="button" className="control" aria-label={`Order of the tracks: ${SORTS[sort]}`}>
          <IconArrowsSort {...ICON} /> {SORTS[sort]}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(SORTS) as Sort[]).map((each) => (
          <Menu.Item
            key={each}
            leftSection={<Tick on={each === sort} />}
            onClick={() => timeline.setState({ sort: each })}
          >
            {SORTS[each]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const Tick = ({ on }: { on: boolean }) => <IconCheck size={14} style={{ opacity: on ? 1 : 0 }} />;
