import { Tooltip } from "@mantine/core";
import { objectName } from "../labels/tracks";
import { useApp, useSession } from "../session/context";

/** Who else is here; a click goes where they are. */
export function People() {
  const { editor } = useSession();
  const people = useApp((state) => state.people);
  const objects = useApp((state) => state.labels.objects);
  if (people.length === 0) return null;
  return (
    <div className="people">
      {people.slice(0, 6).map((person) => {
        const object = person.object ? objects.get(person.object) : undefined;
        const where =
          person.frame === null ? "" : `, frame ${person.frame}${object ? `, ${objectName(object)}` : ""}`;
        return (
          <Tooltip key={person.client} label={`${person.name}${where}`}>
            <button
              type="button"
              className="person"
              style={{ background: person.color }}
              aria-label={`${person.name}${where}: go there`}
              onClick={() => person.frame !== null && editor.showFrame(person.frame)}
            >
              {initials(person.name)}
            </button>
          </Tooltip>
        );
      })}
      {people.length > 6 && <span className="faint">+{people.length - 6}</span>}
    </div>
  );
}

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? "")
    .slice(0, 2)
    .join("")
    .toUpperCase();
