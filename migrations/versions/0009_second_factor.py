"""Until when a conversation's customer counts as identified by a second factor.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column; conversations that are open count as not identified so."""
    op.add_column(
        "conversations", sa.Column("strong_until", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    """As it was."""
    op.drop_column("conversations", "strong_until")
