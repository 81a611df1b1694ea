"""An export is there whole or not at all, and only where it was asked for."""

from pathlib import Path

import pytest

from worldline.formats.errors import FormatError, OutsideRootError
from worldline.formats.folder import OutFolder, check_part, resolve_inside


@pytest.mark.parametrize("exists", [False, True])
def test_it_appears_when_all_is_written(exists: bool, tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"
    if exists:
        out.mkdir(parents=True)
    with OutFolder(out) as folder:
        folder.write_text("b/c.txt", "one")
        folder.write_bytes("d.bin", b"two")
        assert not (out / "b").exists()
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "a/out/b/c.txt",
        "a/out/d.bin",
    ]
    assert sorted(path.name for path in out.iterdir()) == ["b", "d.bin"]


@pytest.mark.parametrize("exists", [False, True])
def test_it_leaves_nothing_when_writing_fails(exists: bool, tmp_path: Path) -> None:
    out = tmp_path / "out"
    if exists:
        out.mkdir()
    folder = OutFolder(out)
    with pytest.raises(RuntimeError), folder:
        folder.write_text("b/c.txt", "one")
        raise RuntimeError
    assert [path.name for path in tmp_path.rglob("*")] == (["out"] if exists else [])


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../../b", "a/..", "a\\b", "a\0b"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    with OutFolder(tmp_path / "out") as folder, pytest.raises(OutsideRootError):
        folder.path(name)
    with pytest.raises(OutsideRootError):
        resolve_inside(tmp_path, name, path=tmp_path / "table.json", place="token 1")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0"])
def test_a_part_of_a_name_is_one_part(name: str) -> None:
    with pytest.raises(OutsideRootError, match="sequence"):
        check_part(name, "the sequence")


def test_files_and_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(FormatError, match="not a folder"):
            OutFolder(tmp_path / name)


def test_a_folder_is_written_only_in_its_block(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="with block"):
        OutFolder(tmp_path / "out").path("a")
