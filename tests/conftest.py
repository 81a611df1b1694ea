"""Settings that every test shares."""

import os
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


@pytest.fixture(autouse=True)
def _calm() -> Iterator[None]:
    """No test leaves this process real-time, as a library may where it is root.

    Its children would be so too, and threads that wait for each other by spinning would take every processor from
    the threads that they wait for.
    """
    yield
    if os.sched_getscheduler(0) != os.SCHED_OTHER:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
