"""Monitoring of transactions: parameters, runs, cases; alerts of a booking and a case; the counterparty's country.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns only."""
    op.create_table(
        "monitoring_parameters",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_monitoring_parameters")),
    )
    op.create_table(
        "monitoring_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("alerts", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_runs")),
    )
    op.create_index(op.f("ix_monitoring_runs_until"), "monitoring_runs", ["until"])
    op.create_table(
        "compliance_cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("draft", sa.String(), nullable=True),
        sa.Column("ticket", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_compliance_cases_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_cases")),
    )
    op.create_index("ix_compliance_cases_list", "compliance_cases", ["created_at", "id"])
    op.create_index(op.f("ix_compliance_cases_customer_id"), "compliance_cases", ["customer_id"])
    op.create_index(
        "uq_compliance_cases_open",
        "compliance_cases",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.add_column("alerts", sa.Column("subject", sa.String(), nullable=True))
    op.add_column("alerts", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_alerts_case_id_compliance_cases"),
        "alerts",
        "compliance_cases",
        ["case_id"],
        ["id"],
    )
    op.create_index(op.f("ix_alerts_case_id"), "alerts", ["case_id"])
    op.create_index(
        "uq_alerts_subject",
        "alerts",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("subject is not null"),
    )
    op.add_column("transactions", sa.Column("country", sa.String(), nullable=True))


def downgrade() -> None:
    """As it was."""
    op.drop_column("transactions", "country")
    op.drop_index("uq_alerts_subject", table_name="alerts")
    op.drop_index(op.f("ix_alerts_case_id"), table_name="alerts")
    op.drop_constraint(op.f("fk_alerts_case_id_compliance_cases"), "alerts", type_="foreignkey")
    op.drop_column("alerts", "case_id")
    op.drop_column("alerts", "subject")
    op.drop_table("compliance_cases")
    op.drop_table("monitoring_runs")
    op.drop_table("monitoring_parameters")
