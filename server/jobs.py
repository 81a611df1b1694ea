"""Jobs: exports and imports that run on threads, each a row that tells how far it is.

A job that a crash or a stop cut short says so at the next start; it is never taken for running.
"""

import json
import shutil
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import structlog
from sqlalchemy import Engine, delete, insert, select, update

from worldline.formats.registry import Progress, find_format
from worldline.formats.report import Loss

from .catalogue import find_scene
from .database import reading, writing
from .errors import CancelledJobError, UnfinishedJobError, UnknownJobError
from .exporting import labelled_scene, summarise_losses
from .protocol import JobDocument, LossDocument, ProgressDocument
from .said_paths import hide_places
from .tables import jobs

Work: TypeAlias = Callable[[], None]

_LOG = structlog.get_logger()
_KEEP_NS = 7 * 24 * 3600 * 10**9
_LATE_NS = 3600 * 10**9
_TELL_EVERY_S = 0.5


@dataclass(slots=True)
class _Running:
    cancelled: threading.Event = field(default_factory=threading.Event)
    progress: tuple[int, int] = (0, 0)
    told: float = 0.0


class Jobs:
    """Starts jobs and tells how far they are."""

    def __init__(self, engine: Engine, data: Path, workers: int) -> None:
        """Say of the jobs that an earlier server left that they are over."""
        self._engine, self._data = engine, data
        self._running: dict[str, _Running] = {}
        self._threads = ThreadPoolExecutor(workers, "job")
        with writing(engine) as connection:
            cut_short = update(jobs).where(jobs.c.state.in_(("queued", "running")))
            connection.execute(cut_short.values(state="failed", error="the server stopped before it was done"))
            connection.execute(delete(jobs).where(jobs.c.created_ns < time.time_ns() - _KEEP_NS))
            kept = set(connection.scalars(select(jobs.c.id).where(jobs.c.state == "done")))
        for leftover in (data / "exports").iterdir():
            if leftover.stem not in kept:
                _remove(leftover)

    def start_export(self, scene: str, format_name: str) -> JobDocument:
        """Export a scene as it is now.

        Raises:
            UnknownSceneError: There is no such scene.
            UnknownFormatError: There is no such format to write.
            GrowingSceneError: The scene is still being written.
        """
        writer = find_format(format_name).writer
        row = find_scene(self._engine, scene)
        export = labelled_scene(self._engine, self._data, row, row.revision)
        job_id = self._queue("export", scene, format_name, row.revision, export.frame_count)

        def work() -> None:
            folder = self._data / "exports" / job_id
            losses = writer.write(export, folder, lambda done, total: self._tell(job_id, done, total))
            self._finish(job_id, folder, f"{scene}-{format_name}.zip", losses)

        self._threads.submit(self._run, job_id, work)
        return self.find(job_id)

    def start_import(self, scene: str, format_name: str | None, work: Callable[[Progress], None]) -> JobDocument:
        """Import something.

        Args:
            scene: What it is to be called.
            format_name: Its format, where it is known.
            work: Does it, and tells how far it is; what that raises is the reason why it failed.
        """
        job_id = self._queue("import", scene, format_name or "", 0, 0)

        def run() -> None:
            work(lambda done, total: self._tell(job_id, done, total))
            done, total = self._running[job_id].progress
            self._set(job_id, only_if="running", state="done", done=done, total=total)

        self._threads.submit(self._run, job_id, run)
        return self.find(job_id)

    def list_imports(self) -> list[JobDocument]:
        """Imports that run, those that failed, and those that were done of late, the newest first."""
        late = (jobs.c.state == "done") & (jobs.c.created_ns > time.time_ns() - _LATE_NS)
        query = select(jobs.c.id).where(
            jobs.c.kind == "import", jobs.c.state.in_(("queued", "running", "failed")) | late
        )
        with reading(self._engine) as connection:
            found = connection.scalars(query.order_by(jobs.c.created_ns.desc()).limit(20)).all()
        return [self.find(job_id) for job_id in found]

    def find(self, job_id: str) -> JobDocument:
        """A job.

        Raises:
            UnknownJobError: There is none.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise UnknownJobError(f"there is no job {job_id}")
        running = self._running.get(job_id)
        done, total = running.progress if running and row.state == "running" else (row.done, row.total)
        return JobDocument(
            id=row.id,
            kind=row.kind,
            scene=row.scene,
            format=row.format,
            revision=row.revision,
            state=row.state,
            progress=ProgressDocument(done=done, total=total),
            losses=[LossDocument(**loss) for loss in json.loads(row.losses)],
            error=row.error,
            file_name=row.file_name,
            created_at=datetime.fromtimestamp(row.created_ns / 1e9, UTC).isoformat(timespec="seconds"),
        )

    def cancel(self, job_id: str) -> JobDocument:
        """Stop a job that is not over; one that is over loses its file, and an import is not listed any more.

        Raises:
            UnknownJobError: There is none.
        """
        self.find(job_id)
        running = self._running.get(job_id)
        if running is not None:
            running.cancelled.set()
        with writing(self._engine) as connection:
            stopped = update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(("queued", "running")))
            was_running = connection.execute(stopped.values(state="cancelled")).rowcount
            if not was_running:
                over = update(jobs).where(jobs.c.id == job_id)
                connection.execute(over.values(file_name=None))
                connection.execute(over.where(jobs.c.kind == "import").values(state="cancelled"))
        if not was_running:
            _remove(self._zip(job_id))
        return self.find(job_id)

    def file(self, job_id: str) -> tuple[Path, str]:
        """The file that a job made, and what to call it.

        Raises:
            UnknownJobError: There is no such job.
            UnfinishedJobError: It has no file.
        """
        job = self.find(job_id)
        if job.state != "done" or job.file_name is None or not self._zip(job_id).is_file():
            raise UnfinishedJobError(f"job {job_id} is {job.state} and has no file", state=job.state)
        return self._zip(job_id), job.file_name

    def close(self) -> None:
        """Stop every job."""
        for running in list(self._running.values()):
            running.cancelled.set()
        self._threads.shutdown(cancel_futures=True)

    def _queue(self, kind: str, scene: str, format_name: str, revision: int, total: int) -> str:
        job_id = str(uuid.uuid4())
        row = {
            "id": job_id,
            "kind": kind,
            "scene": scene,
            "format": format_name,
            "revision": revision,
            "state": "queued",
            "done": 0,
            "total": total,
            "losses": "[]",
            "created_ns": time.time_ns(),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(jobs), row)
        self._running[job_id] = _Running(progress=(0, total))
        return job_id

    def _run(self, job_id: str, work: Work) -> None:
        try:
            self._set(job_id, only_if="queued", state="running")
            self._check(job_id)
            work()
        except CancelledJobError:
            _remove(self._data / "exports" / job_id)
            self._set(job_id, only_if="running", state="cancelled")
        except Exception as error:
            _remove(self._data / "exports" / job_id)  # before anyone is told that it is over
            self._set(job_id, only_if="running", state="failed", error=_reason(error, self._data))
            _LOG.exception("job failed", job=job_id)  # last: a log that cannot be written must not hold up the rest
        finally:
            (self._data / "exports" / f"{job_id}.partial").unlink(missing_ok=True)
            self._running.pop(job_id, None)

    def _finish(self, job_id: str, folder: Path, name: str, losses: Sequence[Loss]) -> None:
        partial = folder.with_suffix(".partial")
        pack_folder(folder, partial, lambda: self._check(job_id))
        partial.replace(self._zip(job_id))
        _remove(folder)
        losses_text = json.dumps(summarise_losses(losses))
        done, total = self._running[job_id].progress
        self._set(job_id, only_if="running", state="done", file_name=name, losses=losses_text, done=done, total=total)

    def _tell(self, job_id: str, done: int, total: int) -> None:
        self._check(job_id)
        running = self._running[job_id]
        running.progress = (done, total)
        if time.monotonic() - running.told > _TELL_EVERY_S:
            running.told = time.monotonic()
            self._set(job_id, only_if="running", done=done, total=total)

    def _check(self, job_id: str) -> None:
        if self._running[job_id].cancelled.is_set():
            raise CancelledJobError(f"job {job_id} was cancelled")

    def _set(self, job_id: str, *, only_if: str, **columns: object) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.state == only_if).values(**columns))

    def _zip(self, job_id: str) -> Path:
        return self._data / "exports" / f"{job_id}.zip"


def _reason(error: Exception, data: Path) -> str:
    return hide_places("; ".join((str(error) or repr(error), *getattr(error, "__notes__", ()))), data)


def pack_folder(folder: Path, target: Path, check: Work) -> None:
    """Pack a folder's files: the same files give the same bytes.

    Args:
        folder: What to pack.
        target: The zip file to write.
        check: Called before each file; may raise to stop.
    """
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            check()
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
            is_text = path.suffix in {".txt", ".json", ".csv", ".xml", ".yaml"}
            entry.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as packed:
                shutil.copyfileobj(source, packed, 1 << 20)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
