"""Settings that every test shares."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.seaweed import Seaweed, running_seaweed

# The first call of a kernel compiles it, which no deadline allows for.
settings.register_profile("worldline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("worldline")


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """A real S3 server, started by the first test that asks for it."""
    with running_seaweed(tmp_path_factory.mktemp("seaweed")) as server:
        yield server
