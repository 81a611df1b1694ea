"""HTTP as it is on the wire: requests written by hand, answers taken apart without any client's help."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One connection that stays open."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        self._host = parts.netloc
        self._link = socket.create_connection((parts.hostname, parts.port or 80), timeout=20)
        self._rest = b""

    def ask(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """Send one request and take its answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
        self._link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        while b"\r\n\r\n" not in self._rest:
            self._receive()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *others = head.decode("latin-1").split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in others)}
        status = int(first.split()[1])
        assert "transfer-encoding" not in found, found
        has_body = method != "HEAD" and status not in (204, 304)
        size = int(found.get("content-length", "0")) if has_body else 0
        while len(self._rest) < size:
            self._receive()
        body, self._rest = self._rest[:size], self._rest[size:]
        return Answer(status, found, body)

    def is_quiet(self) -> bool:
        """Whether nothing came that was not asked for."""
        self._link.settimeout(0.02)
        try:
            self._rest += self._link.recv(1)
        except TimeoutError:
            return not self._rest
        finally:
            self._link.settimeout(20)
        return False

    def close(self) -> None:
        """End the connection."""
        self._link.close()

    def _receive(self) -> None:
        data = self._link.recv(1 << 20)
        assert data, "the connection broke off"
        self._rest += data
