"""A mark on databases that hold the demonstration bank.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Only loading the bank into an empty database adds staff as the demonstration, and the trail cannot be changed. Its keys
# are no evidence: they were also given to databases that the demonstration did not make.
_MADE_BY_THE_DEMONSTRATION = """
    insert into installation_marks (name)
    select 'demonstration'
    where exists (
        select from audit_entries where actor = 'system:demonstration' and action = 'staff.added'
    )
"""


def upgrade() -> None:
    """A table of marks; databases that the demonstration made are marked."""
    op.create_table(
        "installation_marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name="pk_installation_marks"),
    )
    op.execute(_MADE_BY_THE_DEMONSTRATION)
    op.alter_column("installation_marks", "created_at", server_default=None)


def downgrade() -> None:
    """Without marks."""
    op.drop_table("installation_marks")
