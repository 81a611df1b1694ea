"""Settings of the server: from the environment (``WORLDLINE_*``) and the command line."""

import getpass
import ipaddress
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import SettingsError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Settings(BaseSettings):
    """What a server needs to know; each field is read from ``WORLDLINE_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="WORLDLINE_", frozen=True)

    data: Path = Field(default_factory=lambda: user_data_path("worldline"), description="The data folder.")
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8470, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    token: SecretStr | None = Field(default=None, description="Whoever shows it may use the server from elsewhere.")
    user: str = Field(default_factory=lambda: _user_name(), max_length=80, description="The one local user's name.")
    allowed_hosts: tuple[str, ...] = Field(default=(), description="Further host names that browsers may use.")
    allowed_origins: tuple[str, ...] = Field(default=(), description="Further origins that pages may come from.")
    max_body_bytes: int = Field(default=64 * 1024 * 1024, ge=1024, description="The largest request body.")
    hot_bytes: int = Field(default=256 * 1024 * 1024, ge=0, description="Memory for sensor data asked for lately.")
    warm_up: bool = Field(default=True, description="Compile the kernels at start.")
    scenes: str | None = Field(default=None, description="s3://bucket/prefix where scenes live; else the data folder.")
    s3_endpoint: str | None = Field(default=None, description="URL of the S3 server; else Amazon's of the region.")
    s3_region: str = Field(default="us-east-1", description="The region that requests are signed for.")
    s3_access_key_id: str | None = Field(default=None, description="Who reads and writes; else the machine's own role.")
    s3_secret_access_key: SecretStr | None = Field(default=None, description="The secret that goes with it.")
    s3_timeout_s: float = Field(default=15.0, gt=0, description="Seconds until a request to S3 is given up.")
    s3_delivery: Literal["pass-through", "presigned"] = Field(
        default="pass-through", description="Whether the viewer reads the bucket through the server or by itself."
    )
    workers: int = Field(default=2, ge=1, le=64, description="Threads for exports.")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    def check_binding(self) -> None:
        """Raise unless the address may be listened on.

        Raises:
            SettingsError: Others could reach the server and nothing keeps them out.
        """
        if not self.is_loopback and self.token is None:
            raise SettingsError(
                f"listening on {self.host} would let anyone on the network read and change your labels: "
                "set the variable WORLDLINE_TOKEN to a secret of your own (people then open the address with "
                "?token=SECRET once), or leave --host at 127.0.0.1"
            )
        if self.token is not None and len(self.token.get_secret_value()) < 16:
            raise SettingsError("WORLDLINE_TOKEN is too short to keep anyone out: use at least 16 characters")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own, unreachable from outside."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _user_name() -> str:
    try:
        return getpass.getuser()[:80]
    except (KeyError, OSError):  # no name for the user id, as in containers
        return "local"
