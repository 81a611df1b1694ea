"""What goes over a scene's live connection, for the generated TypeScript and the documentation."""

from typing import Literal

from pydantic import BaseModel, Field

from .protocol import AppliedDocument, Message


class PersonDocument(BaseModel):
    """Someone who looks at the scene."""

    client: str
    name: str
    color: str
    frame: int | None
    object: str | None


class PresenceRequest(Message):
    """Where a person is; what a client sends over the live connection."""

    type: Literal["presence"]
    frame: int | None = Field(default=None, ge=0)
    object: str | None = Field(default=None, max_length=80)


class ReadyMessage(BaseModel):
    """How much of the scene is there, and what its document follows."""

    type: Literal["ready"] = "ready"
    ready_frame_count: int
    state: Literal["ready", "growing", "interrupted"]
    generation: str
    revision: int = Field(description="The newest change; ask for the changes since yours if it is older.")
    schema_version: int = Field(description="Ask for the scene's document if yours is older.")


class PresenceMessage(BaseModel):
    """Who is there."""

    type: Literal["presence"] = "presence"
    people: list[PersonDocument]


class ChangeMessage(AppliedDocument):
    """A change that was accepted."""

    type: Literal["change"] = "change"
    client: str | None
