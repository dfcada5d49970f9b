"""Opening a ticket faster: the end of the audit chain in one statement, the reference with the row, the vector later.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Volatile: each statement in it sees what was committed before it, so the hash is read after the lock is had.
AUDIT_TAIL = """
create function audit_tail() returns text language plpgsql volatile as $$
declare
    last text;
begin
    perform pg_advisory_xact_lock(7230001);
    select hash into last from audit_entries order by id desc limit 1;
    return last;
end
$$
"""


def upgrade() -> None:
    """A function, a default, and vectors that may be made later. Classifiers that read vectors are not read any more."""
    op.execute(AUDIT_TAIL)
    op.alter_column(
        "tickets", "reference", server_default=sa.text("'T-' || nextval('ticket_references')")
    )
    op.add_column("ticket_vectors", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update ticket_vectors set read_at = created_at")
    op.alter_column("ticket_vectors", "encoder", nullable=True)
    op.alter_column("ticket_vectors", "vector", nullable=True)
    op.create_index(op.f("ix_ticket_vectors_read_at"), "ticket_vectors", ["read_at"])
    op.create_index(
        "ix_ticket_vectors_waiting",
        "ticket_vectors",
        ["created_at"],
        postgresql_where=sa.text("vector is null"),
    )
    op.execute("update routing_models set live = false")
    op.drop_column("routing_models", "encoder")


def downgrade() -> None:
    """As it was; vectors that were not made yet are lost."""
    op.add_column(
        "routing_models", sa.Column("encoder", sa.String(), nullable=False, server_default="")
    )
    op.alter_column("routing_models", "encoder", server_default=None)
    op.drop_index("ix_ticket_vectors_waiting", table_name="ticket_vectors")
    op.drop_index(op.f("ix_ticket_vectors_read_at"), table_name="ticket_vectors")
    op.execute("delete from ticket_vectors where vector is null")
    op.alter_column("ticket_vectors", "vector", nullable=False)
    op.alter_column("ticket_vectors", "encoder", nullable=False)
    op.drop_column("ticket_vectors", "read_at")
    op.alter_column("tickets", "reference", server_default=None)
    op.execute("drop function audit_tail()")
