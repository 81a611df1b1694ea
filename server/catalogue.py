"""The catalogue: which scenes there are, and which stored generation each name stands for."""

import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, Engine, delete, insert, select, update

from worldline.formats.scene import Scene

from .database import reading, writing
from .errors import SceneExistsError, SceneNameError, UnknownSceneError
from .tables import scenes

State: TypeAlias = Literal["ready", "growing", "interrupted"]
"""All of it is there; it is being written; whoever wrote it stopped, and may go on."""

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"


@dataclass(frozen=True, slots=True)
class SceneRow:
    """A scene of the catalogue.

    Attributes:
        id: The row's, never used again.
        name: Unique.
        generation: The stored content; while growing, the staging folder's name.
        folder: Where it is stored, below the data folder.
        state: Whether all of it is there; ``interrupted`` when its import was cut short and can go on.
        frame_count: Of the reference clock.
        ready_frame_count: Those that can be read.
        duration_s: From the first frame to the last.
        lidar_count: Its lidars.
        camera_count: Its cameras.
        object_count: Its labelled objects.
        revision: Of its labels.
        source_format: What it was imported from.
        created_ns: When, nanoseconds since 1970.
    """

    id: int
    name: str
    generation: str
    folder: str
    state: State
    frame_count: int
    ready_frame_count: int
    duration_s: float
    lidar_count: int
    camera_count: int
    object_count: int
    revision: int
    source_format: str
    created_ns: int


_COLUMNS = [scenes.c[name] for name in SceneRow.__slots__]


def check_name(name: str) -> None:
    """Raise unless a scene may be called that.

    Raises:
        SceneNameError: It may not.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise SceneNameError(
            f"{name!r} cannot be a scene's name: letters, digits, '.', '_' and '-', "
            "beginning with a letter or a digit, at most 80"
        )


def list_scenes(engine: Engine) -> list[SceneRow]:
    """All scenes in order of name."""
    with reading(engine) as connection:
        return [SceneRow(*row) for row in connection.execute(select(*_COLUMNS).order_by(scenes.c.name))]


def find_scene(engine: Engine, name: str) -> SceneRow:
    """The scene of that name.

    Raises:
        UnknownSceneError: There is none.
    """
    with reading(engine) as connection:
        return scene_row(connection, name)


def scene_row(connection: Connection, name: str) -> SceneRow:
    """The scene of that name, in a transaction.

    Raises:
        UnknownSceneError: There is none.
    """
    row = connection.execute(select(*_COLUMNS).where(scenes.c.name == name)).one_or_none()
    if row is None:
        names = connection.scalars(select(scenes.c.name).order_by(scenes.c.name).limit(20)).all()
        raise UnknownSceneError(
            f"there is no scene {name!r}; "
            + (f"scenes: {', '.join(names)}" if names else "there are no scenes yet: import or simulate one"),
            scene=name,
        )
    return SceneRow(*row)


def check_free(engine: Engine, name: str) -> None:
    """Raise unless a new scene may take a name.

    Raises:
        SceneNameError: It cannot be a name.
        SceneExistsError: It is taken.
    """
    check_name(name)
    with reading(engine) as connection:
        if connection.execute(select(scenes.c.id).where(scenes.c.name == name)).first():
            raise _taken(name)


def insert_scene(
    connection: Connection,
    scene: Scene,
    *,
    generation: str,
    folder: str,
    source_format: str,
    state: State = "ready",
) -> int:
    """Enter a scene; it is visible once the transaction ends.

    Returns:
        Its row's id.

    Raises:
        SceneExistsError: The name is taken.
    """
    if connection.execute(select(scenes.c.id).where(scenes.c.name == scene.name)).first():
        raise _taken(scene.name)
    times = scene.clock.time_ns
    row: dict[str, Any] = {
        "name": scene.name,
        "generation": generation,
        "folder": folder,
        "state": state,
        "frame_count": scene.frame_count,
        "ready_frame_count": scene.frame_count if state == "ready" else 0,
        "duration_s": float(times[-1] - times[0]) / 1e9 if len(times) else 0.0,
        "lidar_count": len(scene.lidars),
        "camera_count": len(scene.cameras),
        "object_count": 0,
        "revision": 0,
        "source_format": source_format,
        "created_ns": time.time_ns(),
        "spaces": json.dumps({"world": scene.frame_count} | {each.name: len(each.clock) for each in scene.sensors}),
    }
    return int(connection.execute(insert(scenes).returning(scenes.c.id), row).scalar_one())


def advance_scene(connection: Connection, scene_id: int, **columns: Any) -> None:
    """Change what is known of a scene's storage.

    Raises:
        UnknownSceneError: It was removed.
    """
    if connection.execute(update(scenes).where(scenes.c.id == scene_id).values(**columns)).rowcount == 0:
        raise UnknownSceneError("the scene was removed while it was being written")


def remove_scene(engine: Engine, name: str) -> SceneRow:
    """Take a scene and its journal out of the catalogue; its stored bytes are swept afterwards.

    Raises:
        UnknownSceneError: There is none.
    """
    with writing(engine) as connection:
        row = scene_row(connection, name)
        connection.execute(delete(scenes).where(scenes.c.id == row.id))
    return row


def stored_path(data: Path, row: SceneRow) -> Path:
    """Where a scene's bytes are."""
    return data / row.folder


def _taken(name: str) -> SceneExistsError:
    return SceneExistsError(
        f"there is a scene {name!r} already: choose another name, or remove it first (worldline remove {name})",
        scene=name,
    )
