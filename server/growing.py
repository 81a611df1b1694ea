"""Growing scenes: a simulated street that people can open while the rest of it is still being made."""

import time
from pathlib import Path

from sqlalchemy import Engine

from worldline.formats.registry import Progress, no_progress
from worldline.formats.scene import Scene
from worldline.formats.store import Published, StagedScene, pour_scene

from .catalogue import advance_scene, check_free, insert_scene
from .database import writing
from .entering import enter_labels
from .homes import bring_home
from .sweeping import keeping_stored, owning, sweep, sweep_copies

_TELL_EVERY_S = 0.5


def grow_scene(
    engine: Engine, data: Path, scene: Scene, source_format: str, author: str, progress: Progress = no_progress
) -> Published:
    """Write a scene frame by frame; it is in the catalogue, with its labels, from the first frame on.

    A scene whose writer dies is swept at the next start.

    Raises:
        SceneExistsError, SceneNameError: It cannot have its name.
        FormatError: A frame cannot be made or stored; nothing of the scene is left then.
    """
    check_free(engine, scene.name)
    try:
        with keeping_stored(data), StagedScene.create(data, scene) as staged, owning(data, staged.path.name):
            scene_id = _enter(engine, data, scene, staged.path, source_format, author)
            told = time.monotonic()

            def tell(done: int, total: int) -> None:
                nonlocal told
                progress(done, total)
                if time.monotonic() - told > _TELL_EVERY_S:
                    told = time.monotonic()
                    with writing(engine) as connection:
                        advance_scene(connection, scene_id, ready_frame_count=staged.ready_frame_count)

            pour_scene(scene, staged, tell)
            published = staged.publish()
            home = published.path.relative_to(data).as_posix()
            with writing(engine) as connection:
                advance_scene(
                    connection,
                    scene_id,
                    state="ready",
                    generation=published.generation,
                    folder=home,
                    ready_frame_count=scene.frame_count,
                )
            folder = bring_home(data, published)  # readable here until it can be read there
            if folder != home:
                with writing(engine) as connection:
                    advance_scene(connection, scene_id, folder=folder)
        sweep_copies(engine, data)
        return published
    except BaseException:
        sweep(engine, data)
        raise


def _enter(engine: Engine, data: Path, scene: Scene, staged: Path, source_format: str, author: str) -> int:
    with writing(engine) as connection:
        scene_id = insert_scene(
            connection,
            scene,
            generation=staged.name,
            folder=staged.relative_to(data).as_posix(),
            source_format=source_format,
            state="growing",
        )
        enter_labels(connection, scene_id, scene.labels, author, "ground truth of the simulation")
    return scene_id
