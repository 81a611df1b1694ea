"""The doctor: looks at everything a data folder holds, says what is wrong and where, and mends what can be mended.

The catalogue and the journal (the database), each scene's files against its manifest, what lies in the data folder
and in the bucket that no scene stands on, and the files of exports.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, select

from worldline.formats.errors import MissingFileError, StoreError
from worldline.formats.store import SCENES, STAGING, Place
from worldline.formats.store.faults import find_faults, find_remains_faults
from worldline.formats.store.mending import mend

from .ailment import Ailment, Tell
from .catalogue import SceneRow, find_scene, list_scenes
from .database import FILE_NAME, is_lock_free, opened_database, reading
from .errors import DataFolderError, ServerError, UnknownSceneError
from .folding import label_faults, refold
from .homes import bucket_of, orphans_of, place_of
from .integrity import database_faults
from .made_again import examine_clouds, examine_unowned
from .settings import Settings
from .sweeping import drop_orphans, is_owned, sweep
from .tables import jobs


def examine(data: Path, name: str | None, *, repair: bool, tell: Tell = lambda *_: None) -> list[Ailment]:
    """Look at one scene, or at everything.

    Args:
        data: The data folder.
        name: The scene; None looks at all of them and at what lies between them.
        repair: Mend what can be mended.
        tell: Told how many files of a scene are read.

    Raises:
        DataFolderError: There is no data folder.
        UnknownSceneError: There is no such scene.
    """
    if not (data / FILE_NAME).is_file():
        raise DataFolderError(f"there is no data folder at {data}: choose another with --data")
    broken = [Ailment(*each) for each in database_faults(data / FILE_NAME)]
    if broken:  # nothing that it says can be trusted
        return broken + list(_examine_folders(data, name, repair, tell))
    with opened_database(data) as engine:
        rows = list_scenes(engine) if name is None else [find_scene(engine, name)]
        found = [each for row in rows for each in _examine_scene(engine, data, row, repair, tell)]
        if name is None:
            found += _examine_leftovers(engine, data, repair)
    return found


def _examine_scene(engine: Engine, data: Path, row: SceneRow, repair: bool, tell: Tell) -> Iterator[Ailment]:
    for fault in label_faults(engine, row.id):
        mended = repair and refold(engine, row.id)
        yield Ailment(fault.kind, fault.where, fault.message, "worldline doctor --repair", row.name, mended)
    if row.state != "ready":
        yield from _examine_unready(engine, data, row, repair)
        return
    yield from examine_clouds(data, row.generation, row.name, repair=repair)
    try:
        place = place_of(data, row.folder)
        yield from (replace(each, scene=row.name) for each in _examine_files(place, repair, tell, row.name))
    except (StoreError, ServerError) as error:
        yield Ailment("place_unreadable", row.folder, str(error), "as the message says", row.name)


def _examine_unready(engine: Engine, data: Path, row: SceneRow, repair: bool) -> Iterator[Ailment]:
    """A scene that is not complete: one that grows is let be, of one that was cut short what is there is looked at."""
    if is_owned(data, row.generation):
        return
    if row.state == "growing":
        message = f"{row.ready_frame_count} of {row.frame_count} frames were written, and whoever wrote it is gone"
        if repair:
            drop_orphans(engine, data)
        left = _state_of(engine, row.name)
        yield Ailment("scene_abandoned", row.folder, message, _GO_ON, row.name, repair and left != "growing")
        if left != "interrupted":
            return
    fix = _AGAIN.format(name=row.name)
    if not (data / row.folder).is_dir():
        yield Ailment("scene_missing", row.folder, "its folder is gone", fix, row.name)
        return
    for fault in find_remains_faults(data / row.folder, row.ready_frame_count):
        where = str(data / row.folder / fault.file)
        yield Ailment(fault.kind, where, fault.message, fix, row.name)


def _state_of(engine: Engine, name: str) -> str | None:
    return next((row.state for row in list_scenes(engine) if row.name == name), None)


def _examine_files(place: Place, repair: bool, tell: Tell, name: str) -> Iterator[Ailment]:
    if not _is_there(place):
        yield Ailment("scene_missing", place.name, "its folder is gone", f"import it again, or worldline remove {name}")
        return
    faults = list(find_faults(place, lambda done, total: tell(name, done, total)))
    for fault in faults:
        mended = repair and mend(place, fault)
        yield Ailment(fault.kind, f"{place.name}/{fault.file}", fault.message, fault.fix, None, mended)
        if mended and fault.kind.startswith("manifest"):  # only now the files can be compared
            yield from _examine_files(place, repair, tell, name)


def _examine_leftovers(engine: Engine, data: Path, repair: bool) -> Iterator[Ailment]:
    with reading(engine) as connection:
        exports = {row.id: row.state for row in connection.execute(select(jobs.c.id, jobs.c.state))}
    folders = [row.folder for row in list_scenes(engine)]
    found = [
        Ailment("folder_orphaned", str(each), "no scene of the catalogue stands on it", _SWEEP)
        for each in sorted((data / SCENES).iterdir())
        if f"{SCENES}/{each.name}" not in folders
    ]
    staged = {Path(folder).name for folder in folders}
    found += [
        Ailment("staging_abandoned", str(each), "it was being written, and whoever wrote it is gone", _SWEEP)
        for each in sorted((data / STAGING).iterdir())
        if each.is_dir() and each.name not in staged and is_lock_free(each.with_name(f"{each.name}.lock"))
    ]
    try:
        bucket = bucket_of(Settings(data=data))
        orphans = orphans_of(bucket, folders) if bucket is not None else []
        found += [
            Ailment("objects_orphaned", f"{bucket.url}/{each}", "no scene stands on them", _SWEEP)
            for each in orphans
            if bucket
        ]
    except (StoreError, MissingFileError, ServerError) as error:
        yield Ailment("place_unreadable", "WORLDLINE_SCENES", str(error), "as the message says")
    if found and repair:
        sweep(engine, data)
        found = [replace(each, mended=not _remains(each, data)) for each in found]
    yield from found
    yield from examine_unowned(data, (Path(folder).name for folder in folders), repair=repair)
    for each in sorted((data / "exports").iterdir()):
        if exports.get(each.stem) is None:
            if repair:
                each.unlink(missing_ok=True)
            yield Ailment("export_orphaned", str(each), "no job made it", _SWEEP, mended=repair)
    for job_id, state in exports.items():
        if state == "done" and not (data / "exports" / f"{job_id}.zip").is_file():
            yield Ailment("export_missing", f"exports/{job_id}.zip", "its file is gone", "export again")


_GO_ON = "import the same source again: it goes on where it was"
_AGAIN = (
    "import the same source again, which reads all of it and keeps the labels; or worldline remove {name}, then import"
)
_SWEEP = "worldline doctor --repair removes it"


def _examine_folders(data: Path, name: str | None, repair: bool, tell: Tell) -> Iterator[Ailment]:
    """Without a catalogue: every folder of a scene that is there."""
    if name is not None:
        raise UnknownSceneError("the database is damaged: look at everything, without a scene's name", scene=name)
    for folder in sorted((data / SCENES).iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            yield from _examine_files(place_of(data, f"{SCENES}/{folder.name}"), repair, tell, folder.name)


def _is_there(place: Place) -> bool:
    try:
        place.size("zarr.json")
    except MissingFileError:
        try:
            place.size("manifest.json")
        except MissingFileError:
            return False
    return True


def _remains(ailment: Ailment, data: Path) -> bool:
    if ailment.kind != "objects_orphaned":
        return Path(ailment.where).exists()
    bucket = bucket_of(Settings(data=data))
    return bucket is not None and bool(bucket.sizes(ailment.where.removeprefix(f"{bucket.url}/")))
