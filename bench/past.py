"""A bank's last weeks for pictures and benchmarks: conversations with their messages, votes and suggestions, and tickets.

The demonstration bank has no past of its own. Weekdays are busier than weekends, and it grows a little, so that a forecast has
something to find. Everything is drawn from a seed.
"""

from __future__ import annotations

import psycopg

from core.database import libpq_url

WEEKS = 9
SEED = 0.41
STATEMENTS = (
    "select setseed(%(seed)s)",
    """
create temporary table past as
select gen_random_uuid() as id, d.at + (8 + random() * 11) * interval '1 hour' as at,
    (array['web', 'web', 'web', 'app', 'app', 'phone', 'social'])[1 + floor(random() * 7)] as channel,
    (array['en', 'en', 'zh'])[1 + floor(random() * 3)] as language,
    (array['cards', 'payments', 'accounts', 'lending', 'digital', 'general'])[1 + floor(random() * 6)] as queue,
    random() as luck, random() as mood
from generate_series(date_trunc('day', now()) - %(days)s * interval '1 day', date_trunc('day', now()) - interval '1 day', '1 day') as d(at)
cross join lateral generate_series(1, (%(a_day)s * (case when extract(isodow from d.at) > 5 then 0.4 else 1 end)
    * (0.8 + 0.4 * random()) * (1 + 0.2 * extract(epoch from d.at - now() + %(days)s * interval '1 day') / 86400 / %(days)s))::int) as n
""",
    """
insert into conversations (id, channel, language, state, queue, agent_id, priority, signals, memory, rating, queued_at, claimed_at,
    closed_at, created_at, updated_at)
select id, channel, language, 'closed', case when luck < 0.25 then queue end,
    case when luck < 0.25 then (select s.id from staff_users s where role in ('agent', 'supervisor') order by s.email
        offset (case when mood < 0.7 then 0 else 1 end) limit 1) end,
    'normal', '[]', '{}', case when mood > 0.6 then least(5, 2 + floor(mood * 4))::int end,
    case when luck < 0.25 then at + interval '3 minutes' end, case when luck < 0.25 then at + (4 + 9 * mood) * interval '1 minute' end,
    at + interval '20 minutes', at, at + interval '20 minutes'
from past
""",
    """
insert into messages (id, conversation_id, author, text, language, citations, quick_replies, actions, degraded, created_at)
select gen_random_uuid(), id, 'customer', 'past', language, '[]'::jsonb, '[]'::jsonb, '[]'::jsonb, '[]'::jsonb, at from past
union all
select gen_random_uuid(), p.id, 'assistant', 'past', p.language,
    case when p.luck > 0.12 then jsonb_build_array(jsonb_build_object('article_id', a.id, 'slug', a.slug, 'title', a.title))
        else '[]'::jsonb end,
    '[]'::jsonb, case when p.luck > 0.12 then '[]'::jsonb else '[{"type": "gap.recorded"}]'::jsonb end, '[]'::jsonb,
    p.at + interval '1 second'
from past p join lateral (
    select * from articles where published_version is not null and audience = 'public' and language = p.language
    order by abs(('x' || substr(md5(slug), 1, 7))::bit(28)::int / 268435456.0 - p.mood * p.mood) limit 1
) a on true
union all
select gen_random_uuid(), id, 'agent', 'past', language, '[]'::jsonb, '[]'::jsonb, '[]'::jsonb, '[]'::jsonb,
    at + (5 + 9 * mood) * interval '1 minute'
from past where luck < 0.25
""",
    """
insert into knowledge_feedback (id, message_id, helpful, by, created_at)
select gen_random_uuid(), m.id, random() < 0.85, 'visitor:past', m.created_at from messages m
where m.text = 'past' and m.author = 'assistant' and jsonb_array_length(m.citations) > 0 and random() < 0.3
""",
    """
insert into gaps (id, question, language, audience, confidence, alternatives, conversation_id, state, created_at)
select gen_random_uuid(), 'past', language, 'public', 0.2, '[]', id, 'dismissed', at from past where luck <= 0.12
""",
    """
insert into copilot_suggestions (id, kind, conversation_id, staff_id, shown, created_at)
select gen_random_uuid(), 'beside', c.id, c.agent_id, '{"reply": {"text": "past", "citations": []}, "warnings": []}', c.claimed_at
from conversations c join past p on p.id = c.id where c.agent_id is not null
""",
    """
insert into copilot_uses (id, suggestion_id, part, outcome, created_at)
select gen_random_uuid(), s.id, 'reply', (array['sent', 'sent', 'sent_edited', 'wrong'])[1 + floor(random() * 4)], s.created_at
from copilot_suggestions s where s.shown->'reply'->>'text' = 'past' and random() < 0.7
""",
    """
insert into tickets (id, subject, description, language, channel, kind, queue, priority, state, version, conversation_id, routing, answers,
    tags, watchers, first_response_due, resolution_due, rank_at, first_responded_at, resolved_at, closed_at, root_cause, satisfaction,
    legal_hold,    search, created_at, updated_at)
select gen_random_uuid(), 'past', 'past', language, channel,
    (array['question', 'service_request', 'service_request', 'complaint'])[1 + floor(mood * 4)],
    queue, 'normal', 'archived', 1, id, '{}', '{}', '[]', '[]', at + interval '4 hours', at + interval '3 days', at,
    at + (1 + mood * 4.2) * interval '1 hour', at + (0.5 + luck * 30) * interval '1 day', at + interval '9 days',
    (array['process.delivery', 'product.fees', 'system.outage', null])[1 + floor(mood * 4)], least(5, 1 + floor(mood * 6))::int, false,
    '', at, at
from past where luck < 0.1
""",
)


def tell(url: str, a_day: int) -> int:
    """Give a served bank's database a past of about so many conversations a working day; how many it has now."""
    given = {"seed": SEED, "days": WEEKS * 7, "a_day": a_day}
    with psycopg.connect(libpq_url(url)) as connection:
        for statement in STATEMENTS:
            connection.execute(statement, given)
        row = connection.execute("select count(*) from past").fetchone()
        connection.execute("analyze")
    return int(row[0]) if row else 0
