"""When a conversation was erased.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A time, and what finds the few that are due among many."""
    op.add_column(
        "conversations", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_conversations_kept",
        "conversations",
        ["closed_at"],
        postgresql_where=sa.text("erased_at is null"),
    )
    op.create_index(
        "ix_copilot_suggestions_alone",
        "copilot_suggestions",
        ["created_at"],
        postgresql_where=sa.text("conversation_id is null"),
    )


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_copilot_suggestions_alone", table_name="copilot_suggestions")
    op.drop_index("ix_conversations_kept", table_name="conversations")
    op.drop_column("conversations", "erased_at")
