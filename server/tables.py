"""The tables of a data folder's database.

Values of labels are canonical JSON text: what the journal stores is, byte for byte, what it answers.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0003"
"""The newest migration; a database at it needs no migrating."""

metadata = MetaData()

scenes = Table(
    "scenes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("generation", String(64), nullable=False, index=True),
    Column("folder", Text, nullable=False),  # below the data folder
    Column("state", String(16), nullable=False),  # ready, growing, interrupted
    Column("frame_count", Integer, nullable=False),
    Column("ready_frame_count", Integer, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("lidar_count", Integer, nullable=False),
    Column("camera_count", Integer, nullable=False),
    Column("object_count", Integer, nullable=False, default=0),
    Column("revision", Integer, nullable=False, default=0),
    Column("source_format", String(80), nullable=False),
    Column("created_ns", BigInteger, nullable=False),
    Column("spaces", Text, nullable=False),  # JSON: frames of each space, by name
)

schemas = Table(
    "schemas",
    metadata,
    Column("version", Integer, primary_key=True),  # the highest is the project's; without any it is the default
    Column("text", Text, nullable=False),  # YAML
    Column("author", String(80), nullable=False),
    Column("time_ns", BigInteger, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("scene_id", Integer, ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True),
    Column("source_key", String(64), nullable=False, index=True),  # of its files, how they are read, and which sequence
    Column("source", Text, nullable=False),  # where it was read from
    Column("labels", String(64), nullable=False),  # digest of the labels that came with it
    Column("revision", Integer, nullable=False),  # of the scene once these were entered
    Column("error", Text),  # why it was interrupted
)

changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("scene_id", Integer, ForeignKey("scenes.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("id", String(80), nullable=False),
    Column("label", Text, nullable=False),
    Column("author", String(80), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("time_ns", BigInteger, nullable=False),
    Column("undoes", String(80)),
    Column("skipped", Text),  # JSON: what an undo could not restore
    UniqueConstraint("scene_id", "revision"),
    UniqueConstraint("scene_id", "id"),
)

ops = Table(
    "ops",
    metadata,
    Column("scene_id", Integer, ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("path", Text, nullable=False),
    Column("value", Text),
    Column("before", Text),
    Index("ops_by_path", "scene_id", "path", "revision"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    Column("scene_id", Integer, ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("author", String(80), nullable=False),
    Column("parent", Text),  # the path that this one hangs on
    Column("number", Integer),  # of an object
    Index("entries_by_parent", "scene_id", "parent"),
    UniqueConstraint("scene_id", "number"),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("scene", String(80), nullable=False),
    Column("format", String(80), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # queued, running, done, failed, cancelled
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("losses", Text, nullable=False, default="[]"),
    Column("error", Text),
    Column("file_name", Text),
    Column("created_ns", BigInteger, nullable=False),
)
