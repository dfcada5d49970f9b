"""How a question set fared when it ran last.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column; sets that are there have not run."""
    op.add_column(
        "question_sets",
        sa.Column(
            "last_run",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.alter_column("question_sets", "last_run", server_default=None)


def downgrade() -> None:
    """As it was."""
    op.drop_column("question_sets", "last_run")
