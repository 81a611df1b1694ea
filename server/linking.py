"""Linking a scene's cuboids into tracks: one change in its journal, which can be undone like any other."""

import uuid
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from worldline.formats.documents import Paths, canonical_json, labels_from_paths, labels_to_paths
from worldline.formats.linking import Linked, link_labels
from worldline.tracking.associate import LinkOptions

from .catalogue import find_scene
from .change import Applied, Change, Op
from .commit import commit_change
from .database import reading, writing
from .exporting import labelled_scene
from .history import state_paths, state_rows


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What linking a scene did.

    Attributes:
        linked: The cuboids and tracks.
        applied: The change; None when nothing was to be joined.
    """

    linked: Linked
    applied: Applied | None


def link_scene(engine: Engine, data: Path, name: str, author: str, options: LinkOptions | None = None) -> LinkChange:
    """Link the cuboids of a scene that are seen in one frame only.

    Raises:
        UnknownSceneError: There is no such scene.
        GrowingSceneError: It is still being written.
        AssociationError: It has no such cuboids.
        StaleChangeError: Someone changed its labels meanwhile; nothing was changed then.
    """
    row = find_scene(engine, name)
    with reading(engine) as connection:
        rows = state_rows(connection, row.id)
    linked = link_labels(labelled_scene(engine, data, row), options)
    before = {path: (text, revision) for path, text, revision, _ in rows}
    # Both sides through one writer: what differs is what linking changed, not how a value was spelt.
    old = _texts(labels_to_paths(labels_from_paths(state_paths(rows))))
    new = _texts(labels_to_paths(linked.labels))
    ops = [Op(path, None, before[path][1]) for path in sorted(old.keys() - new.keys())]
    ops += [
        Op(path, text, before[path][1] if path in before else 0)
        for path, text in sorted(new.items())
        if old.get(path) != text
    ]
    if not ops:
        return LinkChange(linked, None)
    label = f"link {linked.cuboid_count} cuboids into {linked.track_count} tracks"
    change = Change(str(uuid.uuid4()), label, "model", author, tuple(ops))
    with writing(engine) as connection:
        return LinkChange(linked, commit_change(connection, row.id, change))


def _texts(paths: Paths) -> dict[str, str]:
    return {path: canonical_json(value) for path, value in paths.items()}
