"""Who may come in."""

from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.server.servers import running_server
from worldline.server.app import create_app
from worldline.server.errors import SettingsError
from worldline.server.settings import Settings

TOKEN = "a long and secret token"  # noqa: S105


def test_other_addresses_are_refused_without_a_token(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.org"):  # noqa: S104
        with pytest.raises(SettingsError, match="WORLDLINE_TOKEN"):
            create_app(Settings(data=tmp_path, host=host))
    with pytest.raises(SettingsError, match="16 characters"):
        create_app(Settings(data=tmp_path, host="0.0.0.0", token="short"))  # noqa: S104, S106
    create_app(Settings(data=tmp_path, host="0.0.0.0", token=TOKEN))  # noqa: S104


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "[::2]"])
def test_a_name_that_is_not_ours_is_refused(street: httpx.Client, host: str) -> None:
    answer = street.get("/api/session", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (403, "refused")


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80"])
def test_our_own_names_are_answered(street: httpx.Client, host: str) -> None:
    assert street.get("/api/session", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_other_pages_change_nothing(street: httpx.Client, origin: str) -> None:
    for method, url in (("POST", "/api/scenes/street/changes"), ("DELETE", "/api/scenes/street")):
        answer = street.request(method, url, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "refused")
    assert street.get("/api/scenes/street").status_code == 200


def test_other_pages_cannot_listen(street: httpx.Client) -> None:
    address = str(street.base_url).replace("http", "ws").rstrip("/") + "/api/scenes/street/live"
    with pytest.raises(InvalidStatus):
        connect(address, origin="http://evil.example", open_timeout=10)
    with connect(address, origin=str(street.base_url).rstrip("/"), open_timeout=10) as socket:
        assert "ready" in str(socket.recv(10))


def test_our_own_page_may_change_things(street: httpx.Client) -> None:
    origin = str(street.base_url).rstrip("/")
    answer = street.post("/api/scenes/street/changes", json={}, headers={"Origin": origin})
    assert answer.status_code == 422  # let in, then looked at


def test_a_token_is_asked_of_everyone_and_a_cookie_remembers_it(tmp_path: Path) -> None:
    with running_server(tmp_path, token=TOKEN) as address, httpx.Client(base_url=address) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": "worldline=wrong"}, {"Authorization": TOKEN}):
            answer = client.get("/api/session", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "token")
            assert answer.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/api/session", headers={"Authorization": f"Bearer {TOKEN}"}).json()["mode"] == "token"
        assert client.get("/", params={"token": "wrong"}).status_code == 401
        login = client.get("/scenes/street", params={"token": TOKEN, "frame": "3"})
        assert (login.status_code, login.headers["location"]) == (303, "/scenes/street?frame=3")
        assert "HttpOnly" in login.headers["set-cookie"]
        assert TOKEN not in login.headers["set-cookie"]
        assert client.get("/api/session").status_code == 200  # by the cookie
        elsewhere = client.get(f"{address}//evil.example?token={TOKEN.replace(' ', '+')}")
        assert elsewhere.headers["location"] == "/evil.example"


def test_a_live_connection_asks_for_the_token_too(tmp_path: Path) -> None:
    with running_server(tmp_path, token=TOKEN) as address, pytest.raises(InvalidStatus):
        connect(address.replace("http", "ws") + "/api/scenes/x/live", open_timeout=10)
