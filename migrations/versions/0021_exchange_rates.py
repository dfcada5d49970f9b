"""Exchange rates by day, a function that finds the one that counts, and the currency of a lead's amount.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# A missing rate is an error, never a sum that leaves something out; the code is read by core.exchange_rates.
EXCHANGE_RATE = """
create function exchange_rate(wanted text, on_day date) returns numeric language plpgsql stable as $$
declare found numeric;
begin
    select rate into found from exchange_rates where currency = wanted and valid_on <= on_day
        order by valid_on desc limit 1;
    if found is null then
        raise exception '% %', wanted, on_day using errcode = 'BR001';
    end if;
    return found;
end $$
"""


def upgrade() -> None:
    """The table is filled by who loads rates; leads had one currency until now."""
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(18, 8), nullable=False),
        sa.PrimaryKeyConstraint("currency", "valid_on", name="pk_exchange_rates"),
    )
    op.execute(EXCHANGE_RATE)
    op.add_column("leads", sa.Column("currency", sa.String(), server_default="EUR", nullable=False))
    op.alter_column("leads", "currency", server_default=None)


def downgrade() -> None:
    """As it was."""
    op.drop_column("leads", "currency")
    op.execute("drop function exchange_rate(text, date)")
    op.drop_table("exchange_rates")
