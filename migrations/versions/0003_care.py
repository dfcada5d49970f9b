"""Conversations: how pressing they are, the signs that call for care, and more than one token, so that they can be taken up again.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    """Earlier conversations are of normal priority and without signs; their tokens move to a table of their own."""
    op.create_table(
        "conversation_tokens",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_tokens_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_conversation_tokens")),
    )
    op.create_index(
        op.f("ix_conversation_tokens_conversation_id"),
        "conversation_tokens",
        ["conversation_id"],
        unique=False,
    )
    op.execute(
        "insert into conversation_tokens select token_hash, id, created_at from conversations"
    )
    op.drop_column("conversations", "token_hash")
    op.add_column(
        "conversations", sa.Column("priority", sa.String(), nullable=False, server_default="normal")
    )
    op.add_column("conversations", sa.Column("signals", JSONB, nullable=False, server_default="[]"))
    op.alter_column("conversations", "priority", server_default=None)
    op.alter_column("conversations", "signals", server_default=None)


def downgrade() -> None:
    """What was read in messages is forgotten; of several tokens the first stays."""
    op.add_column("conversations", sa.Column("token_hash", sa.String(), nullable=True))
    op.execute(
        "update conversations set token_hash = (select token_hash from conversation_tokens t "
        "where t.conversation_id = conversations.id order by created_at limit 1)"
    )
    op.alter_column("conversations", "token_hash", nullable=False)
    op.create_unique_constraint(
        op.f("uq_conversations_token_hash"), "conversations", ["token_hash"]
    )
    op.drop_table("conversation_tokens")
    op.drop_column("conversations", "signals")
    op.drop_column("conversations", "priority")
