"""A desk for each test."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.journals import Desk, opened_desk
from tests.server.servers import import_scene, running_server


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened_desk(tmp_path) as desk:
        yield desk


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with one scene, for tests that do not change it."""
    data = tmp_path_factory.mktemp("street")
    import_scene(data)
    with running_server(data) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture
def served(tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a server with one scene of its own."""
    import_scene(tmp_path)
    with running_server(tmp_path) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client
