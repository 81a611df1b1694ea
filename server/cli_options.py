"""Options that commands share, and how they speak."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

DataOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder (else WORLDLINE_DATA, else one in your user data directory)."),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer with JSON on standard output.")]
Tell: TypeAlias = Callable[[str, int, int], None]


def data_folder(data: Path | None) -> Path:
    """The data folder that was meant, absolute."""
    from .settings import Settings

    settings = Settings() if data is None else Settings(data=data)
    return settings.data.expanduser().absolute()


def say_json(value: Any) -> None:
    """Answer a script."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def progress_bars(*, hidden: bool = False) -> Iterator[Tell]:
    """Bars on standard error with counts, rate and time left, one a scene."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    hidden = hidden or not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, refresh_per_second=5, transient=True) as progress:

        def tell(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total, rate="")
            speed = progress.tasks[tasks[name]].speed
            progress.update(tasks[name], completed=done, rate=f"{speed:.1f}/s" if speed else "")

        yield tell
