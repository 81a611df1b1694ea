"""The description of the interface, from which the viewer's types are made.

``python -m worldline.server.openapi > viewer/openapi.json``
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from .app import create_app
from .messages import ChangeMessage, PresenceMessage, PresenceRequest, ReadyMessage
from .settings import Settings

_LIVE: tuple[type[BaseModel], ...] = (ChangeMessage, PresenceMessage, ReadyMessage, PresenceRequest)


def describe_interface() -> dict[str, Any]:
    """OpenAPI of the server, with the messages of the live connection among its schemas."""
    app = create_app(Settings(data=Path("unused"), user="local", host="127.0.0.1", token=None))
    document = app.openapi()
    document["info"]["version"] = "1"  # of the interface: the file does not change with each release
    schemas = document["components"]["schemas"]
    for model in _LIVE:
        described = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        schemas |= described.pop("$defs", {})
        schemas[model.__name__] = described
    return document


def interface_text() -> str:
    """The description as text, the same every time."""
    return json.dumps(describe_interface(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(interface_text())
