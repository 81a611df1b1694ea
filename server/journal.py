"""The journal's writer: one thread, group commit.

Whoever waits while a commit is on its way to the disk is committed together with the others, so
that sixteen writers cost hardly more syncs than one. A change is acknowledged after its commit.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from worldline.formats.errors import FormatError
from worldline.geometry import GeometryError
from worldline.tracking import TrackingError

from .change import Applied, Change
from .commit import commit_change
from .database import writing
from .errors import ServerError
from .undo import commit_undo

Work = Callable[[Connection], Applied]
Listener = Callable[[int, Applied, str | None], None]
"""Called after each commit with the scene's row, the change and the client that sent it."""

_LARGEST_GROUP = 128
_REFUSALS = (ServerError, FormatError, GeometryError, TrackingError)


@dataclass(slots=True)
class _Waiting:
    scene_id: int
    work: Work
    client: str | None
    future: "Future[Applied]" = field(default_factory=Future)


class Journal:
    """Accepts changes and answers when they are on the disk."""

    def __init__(self, engine: Engine, listener: Listener | None = None) -> None:
        """Start the writer."""
        self._engine = engine
        self._listener = listener
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, scene_id: int, change: Change, client: str | None = None) -> "Future[Applied]":
        """Ask for a change; the answer comes when it is durable, or was refused."""
        return self._submit(_Waiting(scene_id, lambda to: commit_change(to, scene_id, change), client))

    def undo(
        self, scene_id: int, change_id: str, new_id: str, author: str, client: str | None = None
    ) -> "Future[Applied]":
        """Ask for a change to be undone."""
        return self._submit(_Waiting(scene_id, lambda to: commit_undo(to, scene_id, change_id, new_id, author), client))

    def close(self) -> None:
        """Write what waits, then end the writer."""
        self._queue.put(None)
        self._thread.join()

    def _submit(self, waiting: _Waiting) -> "Future[Applied]":
        self._queue.put(waiting)
        return waiting.future

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group, is_last = [first], False
            with suppress(queue.Empty):
                while len(group) < _LARGEST_GROUP:
                    following = self._queue.get_nowait()
                    if following is None:
                        is_last = True
                        break
                    group.append(following)
            self._commit(group)
            if is_last:
                return

    def _commit(self, group: list[_Waiting]) -> None:
        answers: list[tuple[_Waiting, Applied | Exception]] = []
        try:
            with writing(self._engine) as connection:
                for waiting in group:
                    try:
                        answers.append((waiting, waiting.work(connection)))
                    except _REFUSALS as refusal:  # refused before its first write
                        answers.append((waiting, refusal))
        except Exception as error:
            if len(group) == 1:
                group[0].future.set_exception(error)
                return
            for waiting in group:  # whose fault it was shows when each stands alone
                self._commit([waiting])
            return
        for waiting, answer in answers:
            if isinstance(answer, Exception):
                waiting.future.set_exception(answer)
                continue
            if self._listener is not None and not answer.is_repeat:
                self._listener(waiting.scene_id, answer, waiting.client)
            waiting.future.set_result(answer)
