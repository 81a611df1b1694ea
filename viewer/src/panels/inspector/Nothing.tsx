import { Cap } from "../controls/Cap";
import { useApp, useSession } from "../session/context";

/** No selection: how to begin, and the class that a new object gets. */
export function Nothing() {
  const has_lidar = useApp((state) => (state.scene?.lidars.length ?? 0) > 0);
  return has_lidar ? <Beginning /> : <NoPoints />;
}

function NoPoints() {
  return (
    <div className="part nothing">
      <b>No lidar in this scene</b>
      <span className="dim">Its images can be played and stepped through. Cuboids are made on points.</span>
    </div>
  );
}

function Beginning() {
  const { editor } = useSession();
  const classes = useApp((state) => state.scene?.classes) ?? [];
  const active = useApp((state) => state.active_class);
  return (
    <>
      <div className="part nothing">
        <b>Nothing is selected</b>
        <span className="dim">
          Click an object in the cloud, an image or the timeline, or go through them with <Cap>Tab</Cap>
        </span>
        <span className="dim">
          To make one: <Cap>C</Cap> then click its points, or <Cap>B</Cap> and draw a box
        </span>
      </div>
      <div className="part">
        <div className="caption">New objects are</div>
        <div className="classes" role="radiogroup" aria-label="Class of new objects">
          {classes.map((each, at) => (
            // biome-ignore lint/a11y/useSemanticElements: a button carries the look and the focus ring of all others
            <button
              type="button"
              key={each.name}
              role="radio"
              aria-checked={each.name === active}
              className="class-choice"
              onClick={() => editor.chooseClass(each.name)}
            >
              <span className="swatch" style={{ background: each.color }} />
              <span className="grow ellipsis">{each.title}</span>
              {at < 9 && <Cap>{at + 1}</Cap>}
            </button>
          ))}
        </div>
      </div>
    </>
  );
}
