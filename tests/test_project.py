"""The project's files speak of the project alone and carry no machine's traces."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("needs a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_lock_files_name_no_package_server():
    for name in ("requirements.txt", "requirements-dev.txt", "viewer/package-lock.json"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://[^\s\"']+\.(whl|tgz|tar\.gz)|--index-url|\"resolved\": \"http", text), name


def test_every_requirement_is_held_to_a_hash():
    text = (ROOT / "requirements.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert all("--hash=sha256:" in line for line in lines)


def test_no_file_is_large_and_no_sensor_data_is_kept():
    for path in tracked():
        assert path.stat().st_size < 1_500_000, path
        assert path.suffix not in (".bin", ".pcd", ".ply", ".las", ".laz", ".e57", ".mp4", ".feather"), path


def test_no_module_is_long():
    for path in tracked():
        if path.suffix in (".py", ".ts", ".tsx") and "tests" not in path.parts and ".gen." not in path.name:
            assert len(path.read_text().splitlines()) <= 310, path


def test_every_folder_of_a_layer_is_packaged():
    for layer in ("geometry", "tracking", "formats", "server"):
        for path in (ROOT / layer).rglob("*.py"):
            if "migrations" not in path.parts:  # read by alembic as files
                assert (path.parent / "__init__.py").exists(), path
