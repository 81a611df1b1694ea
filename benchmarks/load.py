"""Load on a server: one process that keeps so many connections busy and looks at nothing but lengths.

Bodies are thrown away in the kernel (MSG_TRUNC), so that the client costs far less than any server.
"""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

HEADERS = "Host: 127.0.0.1\r\nAccept-Encoding: zstd\r\n"
_RECEIVE_BYTES = 1 << 22
_SCRAP = bytearray(_RECEIVE_BYTES)


@dataclass(frozen=True, slots=True)
class Load:
    """What a server answered.

    Attributes:
        rate: Answers a second.
        p50_ms: Half of the answers were whole after this.
        p99_ms: 99 of 100 were.
        taken_s: Of every answer.
        seconds: How long it was asked.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    taken_s: tuple[float, ...] = field(repr=False)
    seconds: float


def measure(port: int, paths: Sequence[str], clients: int, seconds: float) -> Load:
    """Ask for path after path over so many connections at once, each for one answer at a time."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(port, paths, clients, seconds, there), daemon=True)
    process.start()
    taken_s: list[float] = here.recv()
    process.join()
    return _load(taken_s, seconds)


def together(loads: Sequence[Load]) -> Load:
    """Several turns as one."""
    return _load([each for load in loads for each in load.taken_s], sum(load.seconds for load in loads))


def _load(taken_s: list[float], seconds: float) -> Load:
    taken_s = sorted(taken_s)
    p50_s, p99_s = taken_s[len(taken_s) // 2], taken_s[int(len(taken_s) * 0.99)]
    return Load(len(taken_s) / seconds, p50_s * 1e3, p99_s * 1e3, tuple(taken_s), seconds)


def fetch(port: int, path: str, headers: str = HEADERS) -> tuple[bytes, bytes]:
    """One answer: its head and its body."""
    with connected(port) as link:
        link.sendall(_request(path, headers))
        return _read_answer(link, keeps=True)


def connected(port: int) -> socket.socket:
    """A connection, once the server is up."""
    until = time.monotonic() + 20
    while True:
        try:
            link = socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return link


def _run(port: int, paths: Sequence[str], clients: int, seconds: float, answer: Connection) -> None:
    requests = [_request(path, HEADERS) for path in paths]
    taken_s: list[float] = []
    links = [connected(port) for _ in range(clients)]
    until, turn = time.perf_counter() + seconds, 0
    if clients == 1:  # nothing to wait for but this one
        while (start := time.perf_counter()) < until:
            links[0].sendall(requests[turn % len(requests)])
            _read_answer(links[0], keeps=False)
            taken_s.append(time.perf_counter() - start)
            turn += 1
        answer.send(taken_s)
        return
    with selectors.DefaultSelector() as ready:
        asked: dict[socket.socket, list[float]] = {}
        for link in links:
            ready.register(link, selectors.EVENT_READ)
            link.sendall(requests[turn % len(requests)])
            asked[link] = [time.perf_counter(), -1]
            turn += 1
        while time.perf_counter() < until:
            for key, _ in ready.select():
                link = key.fileobj
                assert isinstance(link, socket.socket)
                state = asked[link]
                if state[1] < 0:
                    state[1] = _read_head(link)[1]
                if state[1] > 0:
                    state[1] -= link.recv_into(_SCRAP, min(int(state[1]), _RECEIVE_BYTES), socket.MSG_TRUNC)
                if state[1] == 0:
                    now = time.perf_counter()
                    taken_s.append(now - state[0])
                    link.sendall(requests[turn % len(requests)])
                    asked[link] = [now, -1]
                    turn += 1
    answer.send(taken_s)


def _request(path: str, headers: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode()


def _read_head(link: socket.socket) -> tuple[bytes, int]:
    """The head, read no further, and how many bytes follow."""
    head = link.recv(1024, socket.MSG_PEEK)
    while (end := head.find(b"\r\n\r\n")) < 0:
        head = link.recv(1024, socket.MSG_PEEK)
    link.recv(end + 4)
    head = head[:end].lower()
    return head, _length(head)


def _read_answer(link: socket.socket, *, keeps: bool) -> tuple[bytes, bytes]:
    head, left = _read_head(link)
    if keeps:
        body = bytearray()
        while len(body) < left:
            body += link.recv(left - len(body))
        return head, bytes(body)
    while left > 0:
        left -= link.recv_into(_SCRAP, min(left, _RECEIVE_BYTES), socket.MSG_TRUNC)
    return head, b""


def _length(head: bytes) -> int:
    assert b" 200 " in head or b" 206 " in head, head
    return int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
