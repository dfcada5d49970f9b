"""One typed state a conversation, and how each turn was understood; Rasa's own conversations are gone.

What was remembered before is not carried over: whoever was in the middle of a form is asked anew.

Revision ID: 0033
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("dialogue", JSONB, nullable=True))
    op.execute(
        "update conversations set dialogue = jsonb_build_object('version', 1, 'language', language,"
        " 'introduced', exists (select from messages where conversation_id = conversations.id))"
    )
    op.alter_column("conversations", "dialogue", nullable=False)
    op.drop_column("conversations", "memory")
    op.create_table(
        "turn_traces",
        sa.Column("message_id", sa.Uuid, sa.ForeignKey("messages.id"), primary_key=True),
        sa.Column("conversation_id", sa.Uuid, sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("reading", JSONB, nullable=False),
        sa.Column("commands", JSONB, nullable=False),
        sa.Column("stack_before", JSONB, nullable=False),
        sa.Column("stack_after", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_turn_traces_conversation_id", "turn_traces", ["conversation_id"])
    op.execute("drop schema if exists rasa cascade")


def downgrade() -> None:
    op.execute("create schema if not exists rasa")
    op.drop_table("turn_traces")
    op.add_column("conversations", sa.Column("memory", JSONB, server_default="{}", nullable=False))
    op.alter_column("conversations", "memory", server_default=None)
    op.drop_column("conversations", "dialogue")
