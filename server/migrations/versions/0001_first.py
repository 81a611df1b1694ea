"""Scenes, the journal of changes, its folded state, and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "scenes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("frame_count", sa.Integer, nullable=False),
        sa.Column("ready_frame_count", sa.Integer, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("lidar_count", sa.Integer, nullable=False),
        sa.Column("camera_count", sa.Integer, nullable=False),
        sa.Column("object_count", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("source_format", sa.String(80), nullable=False),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
        sa.Column("spaces", sa.Text, nullable=False),
        sqlite_autoincrement=True,  # an id is never used again
    )
    op.create_index("ix_scenes_generation", "scenes", ["generation"])
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("scene_id", sa.Integer, sa.ForeignKey("scenes.id", ondelete="CASCADE"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("time_ns", sa.BigInteger, nullable=False),
        sa.Column("undoes", sa.String(80)),
        sa.Column("skipped", sa.Text),
        sa.UniqueConstraint("scene_id", "revision"),
        sa.UniqueConstraint("scene_id", "id"),
    )
    op.create_table(
        "ops",
        sa.Column("scene_id", sa.Integer, sa.ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("before", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("ops_by_path", "ops", ["scene_id", "path", "revision"])
    op.create_table(
        "entries",
        sa.Column("scene_id", sa.Integer, sa.ForeignKey("scenes.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("number", sa.Integer),
        sa.UniqueConstraint("scene_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("entries_by_parent", "entries", ["scene_id", "parent"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("scene", sa.String(80), nullable=False),
        sa.Column("format", sa.String(80), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("losses", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("file_name", sa.Text),
        sa.Column("created_ns", sa.BigInteger, nullable=False),
    )
