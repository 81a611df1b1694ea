"""Entering the labels that came with a scene into its journal."""

import uuid

from sqlalchemy import Connection

from worldline.formats.documents import labels_to_paths
from worldline.formats.labels import Labels

from .change import Change, ops_from_paths
from .commit import commit_change


def enter_labels(connection: Connection, scene_id: int, labels: Labels, author: str, label: str) -> None:
    """Write a scene's labels into its journal as one change."""
    ops = ops_from_paths(labels_to_paths(labels).items())
    if ops:
        commit_change(connection, scene_id, Change(str(uuid.uuid4()), label, "import", author, ops))
