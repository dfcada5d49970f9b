"""Flows with their versions, and the switches of the assistant.

Revision ID: 0031
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The flows that the product comes with are loaded by the next start."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("flow_revisions")))
    op.create_table(
        "flow_versions",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approver", sa.String(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_flow_versions"),
    )
    op.create_index(
        "uq_flow_published",
        "flow_versions",
        ["name"],
        unique=True,
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_index("ix_flow_revision", "flow_versions", ["revision"])
    op.create_table(
        "assistant_switches",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_assistant_switches"),
    )


def downgrade() -> None:
    """Conversations no longer follow flows."""
    op.drop_table("assistant_switches")
    op.drop_table("flow_versions")
    op.execute(sa.schema.DropSequence(sa.Sequence("flow_revisions")))
