"""Sources, their records and quality; identity: reviews, values, merges, survivorship; indexes to match by.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("customer_numbers", start=1_000_001)))
    op.create_table(
        "sources",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connector", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trust", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_sources")),
    )
    op.create_table(
        "survivorship_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_survivorship_rules")),
    )
    op.create_table(
        "source_loads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.code"], name=op.f("fk_source_loads_source_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_loads")),
    )
    op.create_index("ix_source_loads_list", "source_loads", ["source", "started_at"], unique=False)
    op.create_table(
        "identity_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("gone_id", sa.Uuid(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["gone_id"], ["customers.id"], name=op.f("fk_identity_changes_gone_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"], ["customers.id"], name=op.f("fk_identity_changes_kept_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["identity_changes.id"],
            name=op.f("fk_identity_changes_undone_by_identity_changes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_changes")),
    )
    op.create_index(
        op.f("ix_identity_changes_gone_id"), "identity_changes", ["gone_id"], unique=False
    )
    op.create_index(
        op.f("ix_identity_changes_kept_id"), "identity_changes", ["kept_id"], unique=False
    )
    op.create_index("ix_identity_changes_list", "identity_changes", ["at", "id"], unique=False)
    op.create_table(
        "quality_issues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("load_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("check", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["load_id"], ["source_loads.id"], name=op.f("fk_quality_issues_load_id_source_loads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_issues")),
    )
    op.create_index("ix_quality_issues_load", "quality_issues", ["load_id", "line"], unique=False)
    op.create_table(
        "source_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("applied_digest", sa.String(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_source_records_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.code"], name=op.f("fk_source_records_source_sources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_records")),
    )
    op.create_index(
        op.f("ix_source_records_customer_id"), "source_records", ["customer_id"], unique=False
    )
    op.create_index(
        "ix_source_records_waiting",
        "source_records",
        ["ordinal"],
        unique=False,
        postgresql_where=sa.text("applied_digest is distinct from digest"),
    )
    op.create_index(
        "uq_source_records_key", "source_records", ["source", "type", "key"], unique=True
    )
    op.create_table(
        "customer_values",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_values_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["source_records.id"],
            name=op.f("fk_customer_values_record_id_source_records"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_values")),
    )
    op.create_index(
        "ix_customer_values_customer", "customer_values", ["customer_id", "field"], unique=False
    )
    op.create_table(
        "identity_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_identity_reviews_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["source_records.id"],
            name=op.f("fk_identity_reviews_record_id_source_records"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_reviews")),
    )
    op.create_index(
        "ix_identity_reviews_list", "identity_reviews", ["state", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_identity_reviews_record_id"), "identity_reviews", ["record_id"], unique=False
    )
    op.add_column(
        "customers", sa.Column("baseline", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
    op.create_index("ix_customers_birth_date", "customers", ["birth_date"], unique=False)
    op.create_index(
        "ix_customers_document",
        "customers",
        [sa.literal_column("(document->>'number')")],
        unique=False,
    )
    op.create_index("ix_customers_email", "customers", ["email"], unique=False)
    op.create_index("ix_customers_phone", "customers", ["phone"], unique=False)


def downgrade() -> None:
    """As it was."""
    op.execute(sa.schema.DropSequence(sa.Sequence("customer_numbers")))
    op.drop_index("ix_customers_phone", table_name="customers")
    op.drop_index("ix_customers_email", table_name="customers")
    op.drop_index("ix_customers_document", table_name="customers")
    op.drop_index("ix_customers_birth_date", table_name="customers")
    op.drop_column("customers", "baseline")
    op.drop_index(op.f("ix_identity_reviews_record_id"), table_name="identity_reviews")
    op.drop_index("ix_identity_reviews_list", table_name="identity_reviews")
    op.drop_table("identity_reviews")
    op.drop_index("ix_customer_values_customer", table_name="customer_values")
    op.drop_table("customer_values")
    op.drop_index("uq_source_records_key", table_name="source_records")
    op.drop_index(
        "ix_source_records_waiting",
        table_name="source_records",
        postgresql_where=sa.text("applied_digest is distinct from digest"),
    )
    op.drop_index(op.f("ix_source_records_customer_id"), table_name="source_records")
    op.drop_table("source_records")
    op.drop_index("ix_quality_issues_load", table_name="quality_issues")
    op.drop_table("quality_issues")
    op.drop_index("ix_identity_changes_list", table_name="identity_changes")
    op.drop_index(op.f("ix_identity_changes_kept_id"), table_name="identity_changes")
    op.drop_index(op.f("ix_identity_changes_gone_id"), table_name="identity_changes")
    op.drop_table("identity_changes")
    op.drop_index("ix_source_loads_list", table_name="source_loads")
    op.drop_table("source_loads")
    op.drop_table("survivorship_rules")
    op.drop_table("sources")
