"""Marketing and sales: segments, campaigns, contacts, leads, quotes, reminders.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns."""
    op.create_table(
        "marketing_limits",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_marketing_limits")),
    )
    op.create_table(
        "segments",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_segments")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("mailed_through", sa.Uuid(), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_campaigns_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
    )
    op.create_table(
        "campaign_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("check_id", sa.Uuid(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_contacts_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["compliance_decisions.id"],
            name=op.f("fk_campaign_contacts_check_id_compliance_decisions"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_campaign_contacts_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_contacts")),
    )
    op.create_index(
        "ix_campaign_contacts_shown",
        "campaign_contacts",
        ["customer_id", "shown_at"],
        unique=False,
        postgresql_where=sa.text("shown_at is not null"),
    )
    op.create_index(
        "uq_campaign_contacts_customer",
        "campaign_contacts",
        ["campaign_id", "customer_id"],
        unique=True,
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("score_parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("lost_reason", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["campaign_contacts.id"],
            name=op.f("fk_leads_contact_id_campaign_contacts"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_leads_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_leads_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_users.id"], name=op.f("fk_leads_owner_id_staff_users")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_leads_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_leads_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    op.create_index(op.f("ix_leads_contact_id"), "leads", ["contact_id"], unique=False)
    op.create_index(op.f("ix_leads_customer_id"), "leads", ["customer_id"], unique=False)
    op.create_index("ix_leads_list", "leads", ["created_at", "id"], unique=False)
    op.create_index("ix_leads_owner_stage", "leads", ["owner_id", "stage"], unique=False)
    op.create_index(
        "uq_leads_ticket",
        "leads",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("ticket_id is not null"),
    )
    op.create_table(
        "lead_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_lead_changes_lead_id_leads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_changes")),
    )
    op.create_index("ix_lead_changes_lead", "lead_changes", ["lead_id", "ordinal"], unique=False)
    op.create_table(
        "lead_reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_lead_reminders_lead_id_leads")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_users.id"], name=op.f("fk_lead_reminders_staff_id_staff_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_reminders")),
    )
    op.create_index(
        "ix_lead_reminders_due",
        "lead_reminders",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("told_at is null"),
    )
    op.create_index(op.f("ix_lead_reminders_lead_id"), "lead_reminders", ["lead_id"], unique=False)
    op.create_index(
        op.f("ix_lead_reminders_staff_id"), "lead_reminders", ["staff_id"], unique=False
    )
    op.create_table(
        "quotes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("contract", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["compliance_decisions.id"],
            name=op.f("fk_quotes_check_id_compliance_decisions"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_quotes_lead_id_leads")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_quotes_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
    )
    op.create_index(op.f("ix_quotes_lead_id"), "quotes", ["lead_id"], unique=False)
    op.alter_column("notifications", "ticket_id", existing_type=sa.UUID(), nullable=True)
    op.create_index(
        "ix_tickets_leads",
        "tickets",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("kind = 'lead' and state in ('new', 'open')"),
    )


def downgrade() -> None:
    """As it was."""
    op.drop_index(
        "ix_tickets_leads",
        table_name="tickets",
        postgresql_where=sa.text("kind = 'lead' and state in ('new', 'open')"),
    )
    op.alter_column("notifications", "ticket_id", existing_type=sa.UUID(), nullable=False)
    op.drop_index(op.f("ix_quotes_lead_id"), table_name="quotes")
    op.drop_table("quotes")
    op.drop_index(op.f("ix_lead_reminders_staff_id"), table_name="lead_reminders")
    op.drop_index(op.f("ix_lead_reminders_lead_id"), table_name="lead_reminders")
    op.drop_index(
        "ix_lead_reminders_due",
        table_name="lead_reminders",
        postgresql_where=sa.text("told_at is null"),
    )
    op.drop_table("lead_reminders")
    op.drop_index("ix_lead_changes_lead", table_name="lead_changes")
    op.drop_table("lead_changes")
    op.drop_index(
        "uq_leads_ticket", table_name="leads", postgresql_where=sa.text("ticket_id is not null")
    )
    op.drop_index("ix_leads_owner_stage", table_name="leads")
    op.drop_index("ix_leads_list", table_name="leads")
    op.drop_index(op.f("ix_leads_customer_id"), table_name="leads")
    op.drop_index(op.f("ix_leads_contact_id"), table_name="leads")
    op.drop_table("leads")
    op.drop_index("uq_campaign_contacts_customer", table_name="campaign_contacts")
    op.drop_index(
        "ix_campaign_contacts_shown",
        table_name="campaign_contacts",
        postgresql_where=sa.text("shown_at is not null"),
    )
    op.drop_table("campaign_contacts")
    op.drop_table("campaigns")
    op.drop_table("segments")
    op.drop_table("marketing_limits")
