"""Figures: how often articles are read, reports that somebody keeps, and the views that all figures are counted from.

A view has one row for each thing that is counted, with the time, the channel, the language, the queue and the employee that it is
narrowed by; shares and medians are made of its columns where they are asked for.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CONVERSATION_FACTS = """
create view conversation_facts as
select c.id, c.created_at as at, c.channel, c.language, c.queue, c.agent_id, c.customer_id, c.state, c.rating,
    c.queued_at is not null as escalated,
    said.asked > 0 and c.queued_at is null as contained,
    said.answered > 0 and c.queued_at is null and not opened.ticket as deflected,
    said.asked, said.answered, said.abstained, opened.ticket,
    extract(epoch from c.claimed_at - c.queued_at) / 60 as wait_minutes,
    extract(epoch from said.first_word - c.queued_at) / 60 as first_word_minutes
from conversations c
cross join lateral (
    select count(*) filter (where m.author = 'customer') as asked,
        count(*) filter (where m.author = 'assistant' and jsonb_array_length(m.citations) > 0) as answered,
        count(*) filter (where m.author = 'assistant' and m.actions @> '[{"type": "gap.recorded"}]') as abstained,
        min(m.created_at) filter (where m.author = 'agent' and m.created_at >= c.queued_at) as first_word
    from messages m where m.conversation_id = c.id
) said
cross join lateral (select exists (select from tickets t where t.conversation_id = c.id) as ticket) opened
"""
ANSWER_FACTS = """
create view answer_facts as
select m.id, m.created_at as at, c.channel, m.language, c.queue, c.agent_id, a.category as topic, a.slug,
    jsonb_array_length(m.citations) > 0 as answered,
    m.actions @> '[{"type": "gap.recorded"}]' as abstained,
    coalesce(not vote.helpful, false) as wrong, coalesce(vote.helpful, false) as helpful
from messages m
join conversations c on c.id = m.conversation_id
left join articles a on a.id = (m.citations->0->>'article_id')::uuid
left join lateral (
    select f.helpful from knowledge_feedback f where f.message_id = m.id order by f.created_at desc limit 1
) vote on true
where m.author = 'assistant' and (jsonb_array_length(m.citations) > 0 or m.actions @> '[{"type": "gap.recorded"}]')
"""
TICKET_FACTS = """
create view ticket_facts as
select t.id, t.created_at as at, t.channel, t.language, t.queue, t.assignee_id as agent_id, t.kind, t.priority, t.segment, t.state,
    t.root_cause as cause, t.satisfaction, t.resolved_at is not null as resolved,
    case when t.first_responded_at is not null then t.first_responded_at <= t.first_response_due
        when now() > t.first_response_due then false end as first_response_met,
    case when t.resolved_at is not null then t.resolved_at <= t.resolution_due
        when now() > t.resolution_due then false end as resolution_met,
    extract(epoch from t.first_responded_at - t.created_at) / 3600 as first_response_hours,
    extract(epoch from t.resolved_at - t.created_at) / 3600 as resolution_hours
from tickets t where t.merged_into is null and t.kind <> 'compliance_alert'
"""
COMPLAINT_FACTS = """
create view complaint_facts as
select t.id, k.received_at as at, t.channel, t.language, t.queue, t.assignee_id as agent_id, t.root_cause as cause, k.jurisdiction, k.outcome,
    k.acknowledged_at is not null as acknowledged, k.final_at is not null as final,
    case when k.final_at is not null then k.final_at <= t.resolution_due when now() > t.resolution_due then false end as in_time,
    k.outcome in ('upheld', 'partly') as upheld, k.referred_at is not null as referred,
    extract(epoch from k.final_at - k.received_at) / 86400 as final_days,
    case when k.redress_state = 'approved' then k.redress_amount end as redress
from complaints k join tickets t on t.id = k.ticket_id where t.merged_into is null
"""
COPILOT_FACTS = """
create view copilot_facts as
select s.id, s.created_at as at, c.channel, c.language, c.queue, s.staff_id as agent_id,
    s.shown->'reply'->>'text' <> '' as offered,
    coalesce(bool_or(u.part = 'reply' and u.outcome in ('inserted', 'sent', 'sent_edited')), false) as used,
    coalesce(bool_or(u.part = 'reply' and u.outcome = 'sent'), false) as sent,
    coalesce(bool_or(u.part = 'reply' and u.outcome = 'sent_edited'), false) as edited,
    coalesce(bool_or(u.part = 'reply' and u.outcome = 'wrong'), false) as wrong
from copilot_suggestions s
join conversations c on c.id = s.conversation_id
left join copilot_uses u on u.suggestion_id = s.id
where s.kind = 'beside'
group by s.id, c.id
"""
GAP_FACTS = """
create view gap_facts as
select g.id, g.created_at as at, c.channel, g.language, c.queue, c.agent_id, g.state, g.state = 'open' as open
from gaps g left join conversations c on c.id = g.conversation_id
"""
VIEWS = {
    "conversation_facts": CONVERSATION_FACTS,
    "answer_facts": ANSWER_FACTS,
    "ticket_facts": TICKET_FACTS,
    "complaint_facts": COMPLAINT_FACTS,
    "copilot_facts": COPILOT_FACTS,
    "gap_facts": GAP_FACTS,
}


def upgrade() -> None:
    """Tables, views, and the index that periods are found by."""
    op.create_table(
        "article_reads",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_article_reads_article_id_articles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "day", name=op.f("pk_article_reads")),
    )
    op.create_table(
        "saved_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("schedule", sa.String(), nullable=True),
        sa.Column("recipients", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_users.id"], name=op.f("fk_saved_reports_owner_id_staff_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reports")),
    )
    op.create_index(op.f("ix_saved_reports_owner_id"), "saved_reports", ["owner_id"])
    op.create_index(
        "ix_saved_reports_due",
        "saved_reports",
        ["next_at"],
        postgresql_where=sa.text("next_at is not null"),
    )
    op.create_index("ix_conversations_created_at", "conversations", ["created_at"])
    op.create_index(
        "ix_messages_answers_at",
        "messages",
        ["created_at"],
        postgresql_where=sa.text("author = 'assistant'"),
    )
    op.create_index("ix_knowledge_feedback_message_id", "knowledge_feedback", ["message_id"])
    for view in VIEWS.values():
        op.execute(view)


def downgrade() -> None:
    """As it was."""
    for name in reversed(VIEWS):
        op.execute(f"drop view {name}")
    op.drop_index("ix_knowledge_feedback_message_id", table_name="knowledge_feedback")
    op.drop_index("ix_messages_answers_at", table_name="messages")
    op.drop_index("ix_conversations_created_at", table_name="conversations")
    op.drop_table("saved_reports")
    op.drop_table("article_reads")
