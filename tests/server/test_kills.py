"""An import that is killed is absent or goes on where it was, and ends as if nothing had happened."""

import random
from pathlib import Path

import pytest

from .kills import count_steps, import_once, kill_at, make_source


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """A source, how many steps its import takes, and what it becomes."""
    folder = tmp_path_factory.mktemp("kills")
    source = make_source(folder / "source")
    return source, count_steps(folder / "counted", source), import_once(folder / "reference", source).generation


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_import_is_absent_or_goes_on_and_ends_the_same(
    killed: tuple[Path, int, str], tmp_path: Path, seed: int
) -> None:
    source, total, generation = killed
    chance = random.Random(seed)
    steps = [chance.randint(1, total) for _ in range(2)]
    assert kill_at(tmp_path, source, steps, generation)
