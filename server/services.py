"""What the routes work with: opened when the server starts, closed when it stops."""

import threading
from collections.abc import Callable
from typing import Annotated, Self, TypeAlias

from fastapi import Depends
from starlette.requests import HTTPConnection

from worldline.formats.store.publish import Settled

from .database import open_database
from .homes import check_home
from .hot import HotBytes
from .jobs import Jobs
from .journal import Journal
from .live import LiveHub
from .merging import MergedClouds
from .opened import OpenedScenes
from .presigning import Presigning
from .reduced import ReducedPictures
from .settings import Settings
from .sources import remove_old_copies
from .sweeping import sweep
from .uploads import Uploads
from .warming import warm_up

AUTHOR = "local"
"""The id of the one local user."""


class Services:
    """The parts of a running server.

    Attributes:
        settings: How it was started.
        engine: The database.
        scenes: Stored scenes that are open.
        hot: Stored bytes that were asked for lately.
        presigning: Sends clients to the bucket where the settings say so.
        manifests: Files of scenes that are read as Zarr, by the scene's folder.
        reduced: Small pictures of their frames.
        merged: Clouds of all frames.
        journal: Accepts changes.
        live: Tells clients.
        jobs: Work that takes long.
        uploads: Files that are being sent.
    """

    def __init__(self, settings: Settings) -> None:
        """Open everything; needs a running event loop."""
        self.settings = settings
        self.engine = open_database(settings.data)
        check_home(settings)
        sweep(self.engine, settings.data)
        self.scenes = OpenedScenes(self.engine, settings.data)
        self.reduced = ReducedPictures(self.scenes)
        self.merged = MergedClouds(self.engine, settings.data, self.scenes)
        self.hot = HotBytes(settings.hot_bytes)
        self.presigning = Presigning(settings)
        self.manifests: dict[str, dict[str, Settled]] = {}
        self.live = LiveHub(self.engine, self.scenes.forget_rows)
        self.journal = Journal(self.engine, self.live.heard)
        self.jobs = Jobs(self.engine, settings.data, settings.workers)
        self.uploads = Uploads(settings.data)
        remove_old_copies(settings.data)
        if settings.warm_up:
            threading.Thread(target=warm_up, name="warm-up", daemon=True).start()

    def close(self) -> None:
        """Finish what was accepted and close everything."""
        self.merged.close()
        self.jobs.close()
        self.journal.close()
        self.live.close()
        self.reduced.close()
        self.engine.dispose()

    @classmethod
    def of(cls, connection: HTTPConnection) -> Self:
        """The services of the server that a request came to."""
        services: Self = connection.app.state.services
        return services


ServicesOf: TypeAlias = Annotated[Services, Depends(Services.of)]
Opener: TypeAlias = Callable[[Settings], Services]
