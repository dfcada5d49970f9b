"""Watchlists that are loaded, entries with their numbers and what is known of them, clearances.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOW_KNOWN = """
update watchlist_entries set source_id = id::text, digest = '', screened_at = now(),
    birth_dates = case when birth_date is null then '[]'::jsonb else jsonb_build_array(birth_date::text) end,
    countries = case when country is null then '[]'::jsonb else jsonb_build_array(country) end
"""
AS_BEFORE = """
update watchlist_entries set birth_date = case when length(birth_dates->>0) = 10 then (birth_dates->>0)::date end,
    country = countries->>0
"""


def upgrade() -> None:
    """What was known of entries moves into the new columns."""
    op.create_table(
        "watchlists",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_watchlists")),
    )
    jsonb = postgresql.JSONB(astext_type=sa.Text())
    for name, kind in (
        ("source_id", sa.String()),
        ("digest", sa.String()),
        ("birth_dates", jsonb),
        ("countries", jsonb),
    ):
        op.add_column("watchlist_entries", sa.Column(name, kind, nullable=True))
    for name in ("removed_at", "screened_at"):
        op.add_column(
            "watchlist_entries", sa.Column(name, sa.DateTime(timezone=True), nullable=True)
        )
    op.execute(NOW_KNOWN)
    for name in ("source_id", "digest", "birth_dates", "countries"):
        op.alter_column("watchlist_entries", name, nullable=False)
    op.drop_column("watchlist_entries", "birth_date")
    op.drop_column("watchlist_entries", "country")
    op.create_index(
        "uq_watchlist_entries_source", "watchlist_entries", ["list", "source_id"], unique=True
    )
    op.create_index(
        "ix_watchlist_entries_waiting",
        "watchlist_entries",
        ["id"],
        postgresql_where=sa.text("screened_at is null"),
    )
    op.create_table(
        "clearances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("customer_digest", sa.String(), nullable=False),
        sa.Column("entry_digest", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("cleared_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_clearances_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["watchlist_entries.id"],
            name=op.f("fk_clearances_entry_id_watchlist_entries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearances")),
    )
    op.create_index("uq_clearances_pair", "clearances", ["customer_id", "entry_id"], unique=True)


def downgrade() -> None:
    """As it was; what a list dropped is on it again, and clearances are lost."""
    op.drop_table("clearances")
    op.drop_index("ix_watchlist_entries_waiting", table_name="watchlist_entries")
    op.drop_index("uq_watchlist_entries_source", table_name="watchlist_entries")
    op.add_column("watchlist_entries", sa.Column("country", sa.String(), nullable=True))
    op.add_column("watchlist_entries", sa.Column("birth_date", sa.Date(), nullable=True))
    op.execute(AS_BEFORE)
    for name in ("screened_at", "removed_at", "countries", "birth_dates", "digest", "source_id"):
        op.drop_column("watchlist_entries", name)
    op.drop_table("watchlists")
