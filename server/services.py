"""What the routes work with: opened when the server starts, closed when it stops."""

import threading
from collections.abc import Callable
from typing import Annotated, Self, TypeAlias

from fastapi import Depends
from starlette.requests import HTTPConnection

from .database import open_database
from .jobs import Jobs
from .journal import Journal
from .live import LiveHub
from .opened import OpenedScenes
from .settings import Settings
from .sweeping import sweep
from .warming import warm_up

AUTHOR = "local"
"""The id of the one local user."""


class Services:
    """The parts of a running server.

    Attributes:
        settings: How it was started.
        engine: The database.
        scenes: Stored scenes that are open.
        journal: Accepts changes.
        live: Tells clients.
        jobs: Work that takes long.
    """

    def __init__(self, settings: Settings) -> None:
        """Open everything; needs a running event loop."""
        self.settings = settings
        self.engine = open_database(settings.data)
        sweep(self.engine, settings.data)
        self.scenes = OpenedScenes(self.engine, settings.data)
        self.live = LiveHub(self.engine, self.scenes.forget_rows)
        self.journal = Journal(self.engine, self.live.heard)
        self.jobs = Jobs(self.engine, settings.data, settings.workers)
        if settings.warm_up:
            threading.Thread(target=warm_up, name="warm-up", daemon=True).start()

    def close(self) -> None:
        """Finish what was accepted and close everything."""
        self.jobs.close()
        self.journal.close()
        self.live.close()
        self.engine.dispose()

    @classmethod
    def of(cls, connection: HTTPConnection) -> Self:
        """The services of the server that a request came to."""
        services: Self = connection.app.state.services
        return services


ServicesOf: TypeAlias = Annotated[Services, Depends(Services.of)]
Opener: TypeAlias = Callable[[Settings], Services]
