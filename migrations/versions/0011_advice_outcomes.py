"""Outcomes of advice: declined offers, what like customers keep, learned weights.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns."""
    op.create_table(
        "ranking_models",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measured", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("switched_by", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_ranking_models")),
    )
    op.create_table(
        "kept_products",
        sa.Column("segment", sa.String(), nullable=False),
        sa.Column("risk_level", sa.String(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_kept_products_product_id_products")
        ),
        sa.PrimaryKeyConstraint(
            "segment", "risk_level", "product_id", name=op.f("pk_kept_products")
        ),
    )
    op.create_table(
        "declined_offers",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declined_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_declined_offers_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_declined_offers_product_id_products")
        ),
        sa.PrimaryKeyConstraint("customer_id", "product_id", name=op.f("pk_declined_offers")),
    )
    op.add_column(
        "advice", sa.Column("ranking_version", sa.Integer(), nullable=False, server_default="0")
    )
    op.alter_column("advice", "ranking_version", server_default=None)


def downgrade() -> None:
    """As it was."""
    op.drop_column("advice", "ranking_version")
    op.drop_table("declined_offers")
    op.drop_table("kept_products")
    op.drop_table("ranking_models")
