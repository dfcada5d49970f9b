"""The end of a second factor is called what it is.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("conversations", "strong_until", new_column_name="mfa_valid_until")


def downgrade() -> None:
    op.alter_column("conversations", "mfa_valid_until", new_column_name="strong_until")
