"""Knowing the customer: documents, beneficial owners, ratings, kinds of customer, notices of reviews.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns."""
    op.create_table(
        "beneficial_owners",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("share_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("control", sa.String(), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=True),
        sa.Column("screening", sa.String(), nullable=False),
        sa.Column("verified_by", sa.String(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("noted_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_beneficial_owners_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["screening_id"],
            ["screenings.id"],
            name=op.f("fk_beneficial_owners_screening_id_screenings"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficial_owners")),
    )
    op.create_index(
        op.f("ix_beneficial_owners_customer_id"), "beneficial_owners", ["customer_id"], unique=False
    )
    op.create_table(
        "kyc_documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("last_four", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_kyc_documents_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kyc_documents")),
    )
    op.create_index(
        op.f("ix_kyc_documents_customer_id"), "kyc_documents", ["customer_id"], unique=False
    )
    op.create_index(
        "ix_kyc_documents_expiry",
        "kyc_documents",
        ["expires_on"],
        unique=False,
        postgresql_where=sa.text("state = 'verified'"),
    )
    op.create_table(
        "kyc_ratings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("factors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_kyc_ratings_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kyc_ratings")),
    )
    op.create_index(
        "ix_kyc_ratings_customer", "kyc_ratings", ["customer_id", "created_at"], unique=False
    )
    op.add_column(
        "customers", sa.Column("kind", sa.String(), nullable=False, server_default="person")
    )
    op.alter_column("customers", "kind", server_default=None)
    op.add_column("customers", sa.Column("kyc_notice_for", sa.Date(), nullable=True))
    op.create_index(
        "ix_customers_kyc_until",
        "customers",
        ["kyc_until"],
        unique=False,
        postgresql_where=sa.text("kyc_state = 'verified'"),
    )


def downgrade() -> None:
    """As it was."""
    op.drop_index(
        "ix_customers_kyc_until",
        table_name="customers",
        postgresql_where=sa.text("kyc_state = 'verified'"),
    )
    op.drop_column("customers", "kyc_notice_for")
    op.drop_column("customers", "kind")
    op.drop_index("ix_kyc_ratings_customer", table_name="kyc_ratings")
    op.drop_table("kyc_ratings")
    op.drop_index(
        "ix_kyc_documents_expiry",
        table_name="kyc_documents",
        postgresql_where=sa.text("state = 'verified'"),
    )
    op.drop_index(op.f("ix_kyc_documents_customer_id"), table_name="kyc_documents")
    op.drop_table("kyc_documents")
    op.drop_index(op.f("ix_beneficial_owners_customer_id"), table_name="beneficial_owners")
    op.drop_table("beneficial_owners")
