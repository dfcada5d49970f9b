"""The copilot's log: what was shown, and what was done with it.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "copilot_suggestions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("shown", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_copilot_suggestions_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_users.id"],
            name=op.f("fk_copilot_suggestions_staff_id_staff_users"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copilot_suggestions")),
    )
    op.create_index(
        "ix_copilot_suggestions_conversation",
        "copilot_suggestions",
        ["conversation_id", "staff_id", "created_at"],
    )
    op.create_index("ix_copilot_suggestions_created_at", "copilot_suggestions", ["created_at"])
    op.create_table(
        "copilot_uses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["copilot_suggestions.id"],
            name=op.f("fk_copilot_uses_suggestion_id_copilot_suggestions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copilot_uses")),
    )
    op.create_index(op.f("ix_copilot_uses_suggestion_id"), "copilot_uses", ["suggestion_id"])


def downgrade() -> None:
    """As it was."""
    op.drop_table("copilot_uses")
    op.drop_table("copilot_suggestions")
