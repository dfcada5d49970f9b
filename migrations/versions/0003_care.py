"""Conversations: how pressing they are, and the signs that call for care.

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
    "Earlier conversations are of normal priority and without signs."
    op.add_column("conversations", sa.Column("priority", sa.String(), nullable=False, server_default="normal"))
    op.add_column("conversations", sa.Column("signals", JSONB, nullable=False, server_default="[]"))
    op.alter_column("conversations", "priority", server_default=None)
    op.alter_column("conversations", "signals", server_default=None)


def downgrade() -> None:
    "What was read in messages is forgotten."
    op.drop_column("conversations", "signals")
    op.drop_column("conversations", "priority")
