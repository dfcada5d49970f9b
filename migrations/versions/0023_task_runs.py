"""How the last run of each background task went; jobs by the names of their tasks, finished ones gone.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What waits keeps its arguments; deliveries and imports that wait are deferred again by their tasks.
RENAMED = {
    "train_routing": ("routing.train_with_corrections", "routing"),
    "load_source": ("customers.load_source", "customers"),
    "rewind_clocks": ("tickets.recompute_sla", "tickets"),
    "import_knowledge": ("knowledge.import_articles", "knowledge"),
    "deliver_webhook": ("webhooks.deliver", "webhooks"),
}
FINISHED = "delete from procrastinate_jobs where status not in ('todo', 'doing')"
RENAME = sa.text("""
    update procrastinate_jobs set task_name = :after, queue_name = :queue, queueing_lock = null,
        lock = coalesce(lock, queueing_lock)
    where task_name = :before
""")
QUEUES = {"routing": "tickets", "customers": "sources"}


def upgrade() -> None:
    """The table; jobs that wait are run under their tasks' new names."""
    op.create_table(
        "task_runs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_task_runs")),
    )
    op.execute(FINISHED)
    for before, (after, queue) in RENAMED.items():
        op.get_bind().execute(RENAME, {"before": before, "after": after, "queue": queue})


def downgrade() -> None:
    """The old names; scheduled jobs are not known by them."""
    for before, (after, queue) in RENAMED.items():
        known_by = {"before": after, "after": before, "queue": QUEUES.get(queue, queue)}
        op.get_bind().execute(RENAME, known_by)
    op.get_bind().execute(
        sa.text("delete from procrastinate_jobs where task_name <> all(:known)"),
        {"known": list(RENAMED)},
    )
    op.drop_table("task_runs")
