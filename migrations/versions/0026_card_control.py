"""Requests to block and unblock cards, what of them a card shows, and whether a source dates its rows.

Revision ID: 0026
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("card_reference", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("source_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["cards.id"], name=op.f("fk_card_requests_card_id_cards")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_card_requests_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_card_requests_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_requests")),
    )
    pending = sa.text("state = 'pending'")
    op.create_index("ix_card_requests_card", "card_requests", ["card_id", "ordinal"])
    op.create_index(
        "uq_card_requests_pending",
        "card_requests",
        ["card_id"],
        unique=True,
        postgresql_where=pending,
    )
    op.create_index(
        "ix_card_requests_due", "card_requests", ["next_attempt_at"], postgresql_where=pending
    )
    op.create_index(
        "ix_card_requests_without_ticket",
        "card_requests",
        ["ordinal"],
        postgresql_where=sa.text("state in ('refused', 'failed') and ticket_id is null"),
    )
    op.create_index(op.f("ix_card_requests_conversation_id"), "card_requests", ["conversation_id"])
    op.add_column("cards", sa.Column("control", sa.String(), nullable=True))
    op.add_column(
        "source_records",
        sa.Column("dated", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("source_records", "dated", server_default=None)
    op.create_index(
        "ix_source_records_card",
        "source_records",
        ["entity_id"],
        postgresql_where=sa.text("type = 'card'"),
    )


def downgrade() -> None:
    op.drop_index("ix_source_records_card", table_name="source_records")
    op.drop_column("source_records", "dated")
    op.drop_column("cards", "control")
    op.drop_table("card_requests")
