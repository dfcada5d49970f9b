"""Tickets: clocks in rows of their own, the rule book, assignment, complaints, mails, full-text search.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier tickets get clocks of the due times they have; earlier complaints are under the rules of the home jurisdiction."""
    op.create_table(
        "routing_models",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("measured", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_routing_models")),
    )
    op.create_table(
        "rule_trials",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_trials")),
    )
    op.create_table(
        "rulebook_entries",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", "version", name=op.f("pk_rulebook_entries")),
    )
    op.create_index("ix_rulebook_ordinal", "rulebook_entries", ["ordinal"], unique=False)
    op.create_index(
        "uq_rulebook_live",
        "rulebook_entries",
        ["kind", "code"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "agent_profiles",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("queues", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("skills", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("most_open", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=True),
        sa.Column("presence", sa.String(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_users.id"], name=op.f("fk_agent_profiles_staff_id_staff_users")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_agent_profiles")),
    )
    op.create_table(
        "complaint_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_complaint_letters_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_letters")),
    )
    op.create_index(
        op.f("ix_complaint_letters_ticket_id"), "complaint_letters", ["ticket_id"], unique=False
    )
    op.create_table(
        "complaints",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("jurisdiction", sa.String(), nullable=False),
        sa.Column("complexity", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("summary_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("redress_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("redress_currency", sa.String(), nullable=True),
        sa.Column("redress_state", sa.String(), nullable=True),
        sa.Column("redress_by", sa.String(), nullable=True),
        sa.Column("redress_decided_by", sa.String(), nullable=True),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_complaints_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_complaints")),
    )
    op.create_index(
        "ix_complaints_received", "complaints", ["received_at", "ticket_id"], unique=False
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_users.id"], name=op.f("fk_notices_staff_id_staff_users")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_notices_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_staff", "notices", ["staff_id", "created_at"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_notifications_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notifications_message_id")),
    )
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "uq_notifications_step", "notifications", ["ticket_id", "template", "about"], unique=True
    )
    op.create_table(
        "routing_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("corrected", sa.String(), nullable=False),
        sa.Column("corrected_by", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_routing_corrections_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_corrections")),
    )
    op.create_index(
        op.f("ix_routing_corrections_ticket_id"), "routing_corrections", ["ticket_id"], unique=False
    )
    op.create_table(
        "ticket_clocks",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_clocks_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "name", name=op.f("pk_ticket_clocks")),
    )
    op.create_index(
        "ix_ticket_clocks_next",
        "ticket_clocks",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("next_at is not null"),
    )
    op.create_table(
        "ticket_vectors",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("encoder", sa.String(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_vectors_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_vectors")),
    )
    op.create_index(
        op.f("ix_ticket_vectors_created_at"), "ticket_vectors", ["created_at"], unique=False
    )
    op.add_column(
        "ticket_changes",
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=False), nullable=False),
    )
    op.drop_index(op.f("ix_ticket_changes_ticket_id"), table_name="ticket_changes")
    op.create_index(
        "ix_ticket_changes_ticket", "ticket_changes", ["ticket_id", "ordinal"], unique=False
    )
    op.add_column(
        "tickets", sa.Column("channel", sa.String(), nullable=False, server_default="web")
    )
    op.add_column("tickets", sa.Column("segment", sa.String(), nullable=True))
    op.add_column("tickets", sa.Column("service", sa.String(), nullable=True))
    op.add_column(
        "tickets",
        sa.Column(
            "answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="{}"
        ),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"
        ),
    )
    op.add_column(
        "tickets",
        sa.Column(
            "watchers", postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]"
        ),
    )
    op.add_column("tickets", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.add_column(
        "tickets", sa.Column("next_response_due", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("tickets", sa.Column("next_due", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "tickets",
        sa.Column(
            "rank_at", sa.DateTime(timezone=True), nullable=False, server_default="2000-01-01"
        ),
    )
    op.add_column("tickets", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("satisfaction", sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("satisfaction_comment", sa.String(), nullable=True))
    op.add_column(
        "tickets", sa.Column("legal_hold", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("tickets", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "tickets", sa.Column("search", postgresql.TSVECTOR(), nullable=False, server_default="")
    )
    op.drop_index(op.f("ix_tickets_queue_state"), table_name="tickets")
    op.create_index(
        "ix_tickets_queue_state", "tickets", ["queue", "state", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_tickets_assignee_due",
        "tickets",
        ["assignee_id", "next_due", "id"],
        unique=False,
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"
        ),
    )
    op.create_index(
        "ix_tickets_contact",
        "tickets",
        ["contact"],
        unique=False,
        postgresql_where=sa.text("contact is not null"),
    )
    op.create_index(
        "ix_tickets_finished",
        "tickets",
        ["resolved_at"],
        unique=False,
        postgresql_where=sa.text("state in ('resolved', 'closed')"),
    )
    op.create_index(
        "ix_tickets_next_due",
        "tickets",
        ["next_due", "id"],
        unique=False,
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"
        ),
    )
    op.create_index(op.f("ix_tickets_parent_id"), "tickets", ["parent_id"], unique=False)
    op.create_index(
        "ix_tickets_queue_due",
        "tickets",
        ["queue", "next_due", "id"],
        unique=False,
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"
        ),
    )
    op.create_index("ix_tickets_queue_list", "tickets", ["queue", "created_at", "id"], unique=False)
    op.create_index(
        "ix_tickets_search", "tickets", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_tickets_unassigned",
        "tickets",
        ["queue", "rank_at"],
        unique=False,
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal') and assignee_id is null"
        ),
    )
    op.create_foreign_key(
        op.f("fk_tickets_parent_id_tickets"), "tickets", "tickets", ["parent_id"], ["id"]
    )
    op.execute("""
        update tickets set rank_at = created_at, closed_at = case when state in ('closed', 'archived') then coalesce(resolved_at, updated_at) end,
            next_due = case when resolved_at is null then least(resolution_due, case when first_responded_at is null then first_response_due end) end,
            search = to_tsvector('english', subject || ' ' || description)
    """)
    op.execute("""
        insert into complaints (ticket_id, jurisdiction, complexity, received_at)
        select id, 'uk', 'simple', created_at from tickets where kind = 'complaint'
    """)
    op.execute("""
        insert into ticket_clocks (ticket_id, name, due_at, warn_at, met_at, next_at)
        select id, 'first_response', first_response_due, first_response_due, coalesce(first_responded_at, resolved_at),
               case when coalesce(first_responded_at, resolved_at) is null then first_response_due end from tickets
        union all select id, 'resolution', resolution_due, resolution_due, resolved_at,
               case when resolved_at is null and state <> 'waiting_customer' then resolution_due end from tickets
    """)
    op.alter_column("tickets", "channel", server_default=None)
    op.alter_column("tickets", "answers", server_default=None)
    op.alter_column("tickets", "tags", server_default=None)
    op.alter_column("tickets", "watchers", server_default=None)
    op.alter_column("tickets", "rank_at", server_default=None)
    op.alter_column("tickets", "legal_hold", server_default=None)
    op.alter_column("tickets", "search", server_default=None)


def downgrade() -> None:
    """What was kept in the new tables and columns is lost."""
    op.drop_constraint(op.f("fk_tickets_parent_id_tickets"), "tickets", type_="foreignkey")
    op.drop_index(
        "ix_tickets_unassigned",
        table_name="tickets",
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal') and assignee_id is null"
        ),
    )
    op.drop_index("ix_tickets_search", table_name="tickets", postgresql_using="gin")
    op.drop_index("ix_tickets_queue_list", table_name="tickets")
    op.drop_index(
        "ix_tickets_queue_due",
        table_name="tickets",
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"
        ),
    )
    op.drop_index(op.f("ix_tickets_parent_id"), table_name="tickets")
    op.drop_index(
        "ix_tickets_next_due",
        table_name="tickets",
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"
        ),
    )
    op.drop_index(
        "ix_tickets_finished",
        table_name="tickets",
        postgresql_where=sa.text("state in ('resolved', 'closed')"),
    )
    op.drop_index(
        "ix_tickets_contact", table_name="tickets", postgresql_where=sa.text("contact is not null")
    )
    op.drop_index(
        "ix_tickets_assignee_due",
        table_name="tickets",
        postgresql_where=sa.text(
            "state in ('new', 'open', 'waiting_customer', 'waiting_internal')"
        ),
    )
    op.drop_index("ix_tickets_queue_state", table_name="tickets")
    op.create_index(op.f("ix_tickets_queue_state"), "tickets", ["queue", "state"], unique=False)
    op.drop_column("tickets", "search")
    op.drop_column("tickets", "erased_at")
    op.drop_column("tickets", "legal_hold")
    op.drop_column("tickets", "satisfaction_comment")
    op.drop_column("tickets", "satisfaction")
    op.drop_column("tickets", "closed_at")
    op.drop_column("tickets", "rank_at")
    op.drop_column("tickets", "next_due")
    op.drop_column("tickets", "next_response_due")
    op.drop_column("tickets", "parent_id")
    op.drop_column("tickets", "watchers")
    op.drop_column("tickets", "tags")
    op.drop_column("tickets", "answers")
    op.drop_column("tickets", "service")
    op.drop_column("tickets", "segment")
    op.drop_column("tickets", "channel")
    op.drop_index("ix_ticket_changes_ticket", table_name="ticket_changes")
    op.create_index(
        op.f("ix_ticket_changes_ticket_id"), "ticket_changes", ["ticket_id"], unique=False
    )
    op.drop_column("ticket_changes", "ordinal")
    op.drop_index(op.f("ix_ticket_vectors_created_at"), table_name="ticket_vectors")
    op.drop_table("ticket_vectors")
    op.drop_index(
        "ix_ticket_clocks_next",
        table_name="ticket_clocks",
        postgresql_where=sa.text("next_at is not null"),
    )
    op.drop_table("ticket_clocks")
    op.drop_index(op.f("ix_routing_corrections_ticket_id"), table_name="routing_corrections")
    op.drop_table("routing_corrections")
    op.drop_index("uq_notifications_step", table_name="notifications")
    op.drop_index(
        "ix_notifications_waiting",
        table_name="notifications",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("notifications")
    op.drop_index("ix_notices_staff", table_name="notices")
    op.drop_table("notices")
    op.drop_index("ix_complaints_received", table_name="complaints")
    op.drop_table("complaints")
    op.drop_index(op.f("ix_complaint_letters_ticket_id"), table_name="complaint_letters")
    op.drop_table("complaint_letters")
    op.drop_table("agent_profiles")
    op.drop_index(
        "uq_rulebook_live",
        table_name="rulebook_entries",
        postgresql_where=sa.text("state = 'live'"),
    )
    op.drop_index("ix_rulebook_ordinal", table_name="rulebook_entries")
    op.drop_table("rulebook_entries")
    op.drop_table("rule_trials")
    op.drop_table("routing_models")
