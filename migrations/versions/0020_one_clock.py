"""Times come from the application's clock: no column fills itself, and the views ask `clock_now()`.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# The setting CLOCK arrives with each connection of the application; without it, it is the server's time.
CLOCK_NOW = """
create function clock_now() returns timestamptz language sql stable parallel safe as $$
    select coalesce(
        nullif(current_setting('assistant.clock_fixed', true), '')::timestamptz,
        now() + coalesce(nullif(current_setting('assistant.clock_shift_s', true), ''), '0')::float8 * interval '1 second'
    )
$$
"""
VIEWS = ("ticket_facts", "complaint_facts")
CREATED = """
    advice alerts api_keys article_versions articles beneficial_owners campaign_contacts
    campaigns clearances complaint_letters compliance_cases compliance_decisions
    consent_changes conversation_files conversation_notes conversation_tokens conversations
    corrective_actions customers declined_offers events gaps households idempotency_keys
    identity_reviews jobs knowledge_feedback kyc_documents kyc_ratings lead_reminders leads
    life_events monitoring_runs notices notifications problems products quality_issues
    question_sets quotes ranking_models risk_assessments routing_corrections rule_trials
    saved_filters saved_reports screenings source_records staff_users ticket_attachments
    ticket_comments ticket_vectors tickets watchlist_entries webhooks
"""
FILLED = (
    *((table, "created_at") for table in CREATED.split()),
    *((table, "updated_at") for table in ("articles", "conversations", "leads", "tickets")),
    ("problem_tickets", "linked_at"),
    ("webhook_deliveries", "next_attempt_at"),
)


def upgrade() -> None:
    """No column takes the server's time; the views take the application's."""
    for table, column in FILLED:
        op.alter_column(table, column, server_default=None)
    op.execute(CLOCK_NOW)
    _read_in_views("now()", "clock_now()")


def downgrade() -> None:
    """The server's time again, where a row says when it was made."""
    _read_in_views("clock_now()", "now()")
    op.execute("drop function clock_now()")
    for table, column in FILLED:
        op.alter_column(table, column, server_default=sa.text("now()"))


def _read_in_views(before: str, after: str) -> None:
    for view in VIEWS:
        query = op.get_bind().scalar(sa.text(f"select pg_get_viewdef('{view}'::regclass)"))
        op.execute(sa.text(f"create or replace view {view} as {query.replace(before, after)}"))
