"""The viewer's files."""

from pathlib import Path

import httpx
import pytest

from worldline.server import static
from worldline.server.settings import Settings


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>viewer</title>")
    (folder / "assets" / "index-abc.js").write_text("1")
    (tmp_path / "secret.txt").write_text("what nobody may read")
    monkeypatch.setattr(static, "viewer_folder", lambda: folder.resolve())
    return folder


@pytest.mark.usefixtures("dist")
def test_every_page_address_opens_the_viewer(street: httpx.Client) -> None:
    for path in ("/", "/scenes/street", "/scenes/street?frame=3", "/anything"):
        answer = street.get(path)
        assert answer.text == "<title>viewer</title>"
        assert answer.headers["cache-control"] == "no-cache"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.usefixtures("dist")
def test_assets_may_be_kept_for_ever_and_missing_ones_are_missing(street: httpx.Client) -> None:
    answer = street.get("/assets/index-abc.js")
    assert (answer.text, "immutable" in answer.headers["cache-control"]) == ("1", True)
    assert "javascript" in answer.headers["content-type"]
    missing = street.get("/assets/index-old.js")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize("path", ["/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt"])
def test_nothing_outside_the_viewers_folder_is_read(street: httpx.Client, path: str) -> None:
    assert "nobody may read" not in street.get(path).text


def test_a_viewer_that_was_not_built_says_so(
    street: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static, "viewer_folder", lambda: tmp_path)
    answer = street.get("/scenes/street")
    assert answer.status_code == 503
    assert "make viewer" in answer.text


def test_every_setting_is_documented() -> None:
    described = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"| `WORLDLINE_{name.upper()}` |" in described
