"""Conversations at the desk: since when somebody waits, notes among staff, files, the end of a token.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Whoever waits now has waited since the conversation was last changed."""
    for name in ("queued_at", "claimed_at", "closed_at"):
        op.add_column("conversations", sa.Column(name, MOMENT, nullable=True))
    op.execute("update conversations set queued_at = updated_at where state = 'queued'")
    op.execute("update conversations set claimed_at = updated_at where state = 'agent'")
    op.execute("update conversations set closed_at = updated_at where state = 'closed'")
    op.add_column("conversation_tokens", sa.Column("expires_at", MOMENT, nullable=True))
    op.create_table(
        "conversation_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_notes_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_users.id"],
            name=op.f("fk_conversation_notes_staff_id_staff_users"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_notes")),
    )
    op.create_index(
        "ix_conversation_notes_conversation",
        "conversation_notes",
        ["conversation_id", "created_at"],
    )
    op.create_table(
        "conversation_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("scan", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_files_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_files")),
    )
    op.create_index(
        op.f("ix_conversation_files_conversation_id"), "conversation_files", ["conversation_id"]
    )


def downgrade() -> None:
    """As it was."""
    op.drop_table("conversation_files")
    op.drop_table("conversation_notes")
    op.drop_column("conversation_tokens", "expires_at")
    for name in ("closed_at", "claimed_at", "queued_at"):
        op.drop_column("conversations", name)
