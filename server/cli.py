"""The command line: ``worldline``.

Errors are one line on standard error; the exit code is 0 only for success. Commands import what
they need when they run, so that ``worldline --help`` answers at once.
"""

import signal
import sys
from importlib import import_module
from types import FrameType

import typer

app = typer.Typer(
    name="worldline",
    help="Worldline: label lidar, cameras and video through space and time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

for _module in (
    "cli_serve",
    "cli_scenes",
    "cli_doctor",
    "cli_exchange",
    "cli_compare",
    "cli_link",
    "cli_schema",
    "cli_check",
    "cli_simulate",
    "cli_bench",
):
    import_module(f".{_module}", __package__).register(app)


_LONGEST_PATH = 300


def main() -> None:
    """Run a command; end the process."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except Exception as error:
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        sys.stderr.write(f"error: {_one_line(error)}{notes}\n")
        sys.exit(1)


def _terminate(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)  # so that what was begun is cleaned up


def _one_line(error: Exception) -> str:
    from .errors import TABLE

    if isinstance(error, OSError) and error.strerror:  # a file that vanished, that may not be read, or a full disk
        where = str(error.filename or "")
        shown = where if len(where) <= _LONGEST_PATH else f"{where[:_LONGEST_PATH]}..."
        return f"{shown}: {error.strerror}" if shown else error.strerror
    text = " ".join(str(error).split())
    is_known = isinstance(error, tuple(TABLE))
    return text if is_known and text else f"{type(error).__name__}: {text}"


if __name__ == "__main__":
    main()
