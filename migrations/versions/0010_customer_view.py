"""The customer view: households, life events, consents, risk assessments, portraits.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns."""
    op.create_table(
        "households",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_table(
        "consent_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_consent_changes_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_changes")),
    )
    op.create_index(
        op.f("ix_consent_changes_customer_id"), "consent_changes", ["customer_id"], unique=False
    )
    op.create_table(
        "life_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("noted_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_life_events_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_life_events")),
    )
    op.create_index(
        op.f("ix_life_events_customer_id"), "life_events", ["customer_id"], unique=False
    )
    op.create_table(
        "portraits",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("assets", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("contribution", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("potential", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("churn_risk", sa.Double(), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("lists", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("interests", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_portraits_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_portraits")),
    )
    op.create_index("ix_portraits_assets", "portraits", ["assets", "customer_id"], unique=False)
    op.create_index(op.f("ix_portraits_computed_at"), "portraits", ["computed_at"], unique=False)
    op.create_index(
        "ix_portraits_lists", "portraits", ["lists"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "risk_assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_risk_assessments_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_assessments")),
    )
    op.create_index(
        op.f("ix_risk_assessments_customer_id"), "risk_assessments", ["customer_id"], unique=False
    )
    none_known = sa.text("'[]'::jsonb")
    op.add_column(
        "customers",
        sa.Column(
            "knowledge",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default=none_known,
        ),
    )
    op.alter_column("customers", "knowledge", server_default=None)
    op.add_column("customers", sa.Column("relationship_manager_id", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("household_id", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_customers_household_id"), "customers", ["household_id"], unique=False)
    op.create_index(
        op.f("ix_customers_relationship_manager_id"),
        "customers",
        ["relationship_manager_id"],
        unique=False,
    )
    op.create_foreign_key(
        op.f("fk_customers_merged_into_customers"),
        "customers",
        "customers",
        ["merged_into"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_customers_relationship_manager_id_staff_users"),
        "customers",
        "staff_users",
        ["relationship_manager_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_customers_household_id_households"),
        "customers",
        "households",
        ["household_id"],
        ["id"],
    )


def downgrade() -> None:
    """As it was."""
    op.drop_constraint(
        op.f("fk_customers_household_id_households"), "customers", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_customers_relationship_manager_id_staff_users"), "customers", type_="foreignkey"
    )
    op.drop_constraint(op.f("fk_customers_merged_into_customers"), "customers", type_="foreignkey")
    op.drop_index(op.f("ix_customers_relationship_manager_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_household_id"), table_name="customers")
    op.drop_column("customers", "merged_into")
    op.drop_column("customers", "household_id")
    op.drop_column("customers", "relationship_manager_id")
    op.drop_column("customers", "knowledge")
    op.drop_index(op.f("ix_risk_assessments_customer_id"), table_name="risk_assessments")
    op.drop_table("risk_assessments")
    op.drop_index("ix_portraits_lists", table_name="portraits", postgresql_using="gin")
    op.drop_index(op.f("ix_portraits_computed_at"), table_name="portraits")
    op.drop_index("ix_portraits_assets", table_name="portraits")
    op.drop_table("portraits")
    op.drop_index(op.f("ix_life_events_customer_id"), table_name="life_events")
    op.drop_table("life_events")
    op.drop_index(op.f("ix_consent_changes_customer_id"), table_name="consent_changes")
    op.drop_table("consent_changes")
    op.drop_table("households")
