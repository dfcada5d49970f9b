"""Figures from the views of facts, against cases that were counted by hand; reports as files, kept, and sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from actions.tickets.models import Complaint, Ticket
from actions.tickets.notifications import Notification
from assistant.analytics import overview, reports, saved
from assistant.analytics.live import live
from assistant.analytics.reports import Figures, Period
from assistant.conversations.models import Conversation, Message
from assistant.copilot.models import CopilotSuggestion, CopilotUse
from core.errors import Invalid, NotAllowed
from core.identity import Staff
from knowledge_base.models import Article, ArticleReads, KnowledgeFeedback
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

JUNE = Period(at(1, "00:00"), at(30, "00:00"))


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("figures")) as made:
        yield made


@pytest.fixture(scope="module")
async def boss(desk: Desk) -> Staff:
    """The supervisor; by then June has happened."""
    agent = await desk.staff()
    async with desk.database.transaction() as session:
        article = Article(
            slug="fees",
            language="en",
            title="Fees",
            body="x",
            audience="public",
            category="cards",
            tags=[],
            questions=[],
            author="test",
            published_version=1,
            created_at=at(1) - timedelta(days=200),
        )
        unread = Article(
            slug="old",
            language="en",
            title="Old",
            body="x",
            audience="public",
            category="cards",
            tags=[],
            questions=[],
            author="test",
            published_version=1,
            created_at=at(1) - timedelta(days=200),
        )
        opened = Article(
            slug="opened",
            language="en",
            title="Opened",
            body="x",
            audience="public",
            category="cards",
            tags=[],
            questions=[],
            author="test",
            published_version=1,
            created_at=at(1) - timedelta(days=200),
        )
        session.add_all([article, unread, opened])
        await session.flush()
        session.add(ArticleReads(article_id=opened.id, day=date(2026, 6, 3), count=2))
        cited = [{"article_id": str(article.id), "slug": "fees"}]
        gap = [{"type": "gap.recorded"}]

        def talk(
            day: int, *, channel: str = "web", queue: str | None = None, **given: Any
        ) -> Conversation:
            made = Conversation(
                channel=channel,
                language="en",
                queue=queue,
                created_at=at(day),
                updated_at=at(day),
                **given,
            )
            session.add(made)
            return made

        # Monday the 1st: one answered and contained; one abstained, then a person after 10 minutes, who spoke after 12.
        contained = talk(1, rating=5)
        person = talk(
            1,
            queue="cards",
            queued_at=at(1, "10:00"),
            claimed_at=at(1, "10:10"),
            agent_id=agent.id,
            rating=2,
            state="agent",
        )
        # Tuesday by phone: answered, but a ticket was opened; called wrong.
        ticketed = talk(2, channel="phone")
        silent = talk(
            2
        )  # nobody said anything: it counts as a conversation, and in no share of those that asked
        talk(30)  # outside the period
        await session.flush()

        def said(talk_: Conversation, author: str, clock: str, **given: Any) -> Message:
            made = Message(
                conversation_id=talk_.id,
                author=author,
                text="x",
                language="en",
                degraded=[],
                created_at=at(talk_.created_at.day, clock),
                **{"citations": [], "quick_replies": [], "actions": [], **given},
            )
            session.add(made)
            return made

        said(contained, "customer", "09:00")
        good = said(contained, "assistant", "09:01", citations=cited)
        asked = said(person, "customer", "09:00")
        said(person, "assistant", "09:01", actions=gap)
        said(person, "agent", "10:12")
        said(ticketed, "customer", "09:00")
        bad = said(ticketed, "assistant", "09:01", citations=cited)
        assert silent.channel == "web"
        await session.flush()
        for message, helpful, later in (
            (good, True, 0),
            (bad, True, 0),
            (bad, False, 1),
        ):  # the last word counts
            session.add(
                KnowledgeFeedback(
                    message_id=message.id,
                    article_id=None,
                    helpful=helpful,
                    by="visitor:x",
                    created_at=at(3) + timedelta(hours=later),
                )
            )
        await tickets(session, agent.id, ticketed.id)
        await copilot(session, agent.id, person.id, asked.id)
    return await desk.staff("supervisor")


async def tickets(session: Any, agent: UUID, conversation: UUID) -> None:
    """Three tickets: one in time on both clocks, one late on both, one merged and so counted nowhere; one is a complaint."""

    def ticket(**given: Any) -> Ticket:
        plain: dict[str, Any] = {
            "subject": "x",
            "description": "x",
            "language": "en",
            "channel": "web",
            "kind": "question",
            "queue": "cards",
            "priority": "normal",
            "routing": {},
            "first_response_due": at(2, "12:00"),
            "resolution_due": at(4, "09:00"),
            "rank_at": at(2),
            "created_at": at(2),
            "search": func.to_tsvector("simple", "x"),
        }
        made = Ticket(**plain | given)
        session.add(made)
        return made

    first = ticket(
        conversation_id=conversation,
        first_responded_at=at(2, "11:00"),
        resolved_at=at(3, "09:00"),
        state="resolved",
        satisfaction=4,
        assignee_id=agent,
        root_cause="process.delivery",
    )
    late = ticket(
        kind="complaint",
        queue="complaints",
        first_responded_at=at(2, "15:00"),
        resolved_at=at(6, "09:00"),
        state="closed",
        satisfaction=1,
    )
    await session.flush()
    ticket(merged_into=first.id)
    session.add(
        Complaint(
            ticket_id=late.id,
            jurisdiction="uk",
            received_at=at(2),
            acknowledged_at=at(2, "10:00"),
            final_at=at(6, "09:00"),
            outcome="partly",
            redress_amount=50,
            redress_currency="EUR",
            redress_state="approved",
        )
    )


async def copilot(session: Any, agent: UUID, conversation: UUID, message: UUID) -> None:
    """Four suggestions: sent as it was, sent after an edit, left alone, and one without a reply."""
    for text, outcomes in (
        ("a", ["inserted", "sent"]),
        ("b", ["sent_edited", "wrong"]),
        ("c", []),
        ("", []),
    ):
        shown = {"reply": {"text": text, "citations": []}, "warnings": []}
        row = CopilotSuggestion(
            kind="beside",
            conversation_id=conversation,
            staff_id=agent,
            message_id=message,
            shown=shown,
            created_at=at(1),
        )
        session.add(row)
        await session.flush()
        session.add_all(
            CopilotUse(suggestion_id=row.id, part="reply", outcome=outcome, created_at=at(1))
            for outcome in outcomes
        )


async def count(desk: Desk, caller: Staff, code: str, by: str = "day", **only: str) -> Figures:
    async with desk.database.transaction() as session:
        return await reports.figures(session, caller, code, JUNE, by=by, only=only)


def told(counted: Figures, values: list[Any] | None = None) -> dict[str, Any]:
    """Figures by name, shares to three places."""
    pairs = zip(counted.report.measures, counted.total if values is None else values, strict=True)
    return {
        measure.key: round(value, 3) if isinstance(value, float) else value
        for measure, value in pairs
    }


async def test_conversations_are_counted_as_by_hand(desk: Desk, boss: Staff) -> None:
    counted = await count(desk, boss, "conversations")
    assert told(counted) == {
        "conversations": 4,
        "contained": 0.667,
        "deflected": 0.333,
        "escalated": 0.25,
        "wait": 10.0,
        "first_word": 12.0,
        "rating": 3.5,
        "ratings": 2,
    }
    assert [(day, values[0]) for day, values in counted.rows] == [
        ("2026-06-01", 2),
        ("2026-06-02", 2),
    ]
    by_channel = await count(desk, boss, "conversations", "channel")
    assert [(name, values[0]) for name, values in by_channel.rows] == [("phone", 1), ("web", 3)]
    assert told(await count(desk, boss, "conversations", channel="phone"))["contained"] == 1.0
    by_agent = await count(desk, boss, "conversations", "agent")
    assert [values[0] for _, values in by_agent.rows] == [3, 1]


async def test_answers_are_counted_by_the_last_word_of_their_readers(
    desk: Desk, boss: Staff
) -> None:
    counted = await count(desk, boss, "answers", "topic")
    assert told(counted) == {
        "questions": 3,
        "answered": 0.667,
        "abstained": 0.333,
        "wrong": 1,
        "wrong_share": 0.5,
        "helpful": 1,
    }
    assert [(name, values[0]) for name, values in counted.rows] == [("", 1), ("cards", 2)]


async def test_tickets_are_counted_once_and_against_their_clocks(desk: Desk, boss: Staff) -> None:
    counted = await count(desk, boss, "tickets", "kind")
    assert told(counted) == {
        "tickets": 2,
        "resolved": 2,
        "first_response_met": 0.5,
        "resolution_met": 0.5,
        "first_response": 4.0,
        "resolution": 60.0,
        "satisfaction": 2.5,
        "ratings": 2,
    }
    assert told(counted, dict(counted.rows)["question"])["resolution_met"] == 1.0
    causes = await count(desk, boss, "tickets", "cause")
    assert [(name, values[0]) for name, values in causes.rows] == [("", 1), ("process.delivery", 1)]


async def test_complaints_and_the_copilot_are_counted_as_by_hand(desk: Desk, boss: Staff) -> None:
    assert told(await count(desk, boss, "complaints")) == {
        "complaints": 1,
        "acknowledged": 1.0,
        "final": 1.0,
        "in_time": 0.0,
        "upheld": 1.0,
        "referred": 0,
        "final_days": 4.0,
        "redress": 50.0,
    }
    assert told(await count(desk, boss, "copilot")) == {
        "suggestions": 3,
        "used": 0.667,
        "sent": 0.333,
        "edited": 0.333,
        "wrong": 1,
    }
    assert told(await count(desk, boss, "gaps"))["gaps"] == 0


async def test_an_article_is_unused_when_nobody_opened_and_no_answer_quoted_it(
    desk: Desk, boss: Staff
) -> None:
    async with desk.database.transaction() as session:
        found = await overview.unused_articles(session, boss, at(1, "00:00"))
    assert [row.slug for row in found] == ["old"]


async def test_what_is_no_group_or_filter_is_refused_and_so_is_who_may_not_count(
    desk: Desk, boss: Staff
) -> None:
    for by, only in (("text; drop table messages", {}), ("day", {"password": "x"}), ("topic", {})):
        with pytest.raises(Invalid):
            await count(desk, boss, "conversations", by, **only)
    with pytest.raises(NotAllowed):
        await count(desk, await desk.staff("agent"), "conversations")


async def test_the_live_view_tells_who_waits_and_who_is_there(desk: Desk, boss: Staff) -> None:
    async with desk.database.transaction() as session:
        session.add(
            Conversation(
                channel="web",
                language="en",
                queue="cards",
                state="queued",
                created_at=at(1),
                updated_at=at(1),
                queued_at=at(1, "09:00"),
            )
        )
        await session.flush()
        now = await live(session, boss, at(1, "09:05"))
        assert (now["waiting"], now["active"], now["longest_wait_s"]) == (1, 1, 300)
        assert now["queues"]["cards"] == {"waiting": 1, "longest_s": 300}
        await session.rollback()


async def test_a_kept_report_is_mailed_when_its_time_has_come_and_once(
    desk: Desk, boss: Staff
) -> None:
    async with desk.database.transaction() as session:
        agent = await desk.staff("agent")
        mails = {user.id: user.email for user in await session.scalars(select(saved.StaffUser))}
        kept: dict[str, Any] = {
            "name": "Cards",
            "report": "tickets",
            "query": {"by": "queue", "days": 7, "only": {}},
            "schedule": "daily",
            "language": "zh",
            "now": at(7, "12:00"),
        }
        with pytest.raises(Invalid, match="read figures"):
            await saved.keep(session, boss, recipients=[mails[agent.id]], **kept)
        row = await saved.keep(session, boss, recipients=[mails[boss.id]], **kept)
        assert row.next_at == at(8, "07:00")
        assert await saved.send_due(session, at(8, "06:59"), 10) == 0
        assert await saved.send_due(session, at(8, "07:00"), 10) == 1
        assert await saved.send_due(session, at(8, "07:01"), 10) == 0
        mail = (
            await session.scalars(select(Notification).where(Notification.template == "report"))
        ).one()
        assert mail.address == mails[boss.id]
        assert "工单数：2" in mail.body
        await session.rollback()


def test_reports_are_read_compared_exported_kept_and_taken_away(bank: Bank) -> None:
    boss = bank.staff("supervisor")
    bank.chat().say("hello")
    codes = [one["code"] for one in bank.get("/v1/analytics/reports", boss)["items"]]
    for code in codes:
        counted = bank.get(f"/v1/analytics/reports/{code}?by=channel&compare=true", boss)
        assert len(counted["total"]["values"]) == len(counted["measures"])
        answer = bank.call("GET", f"/v1/analytics/reports/{code}/export?by=week", token=boss)
        assert answer.text.lstrip("\ufeff").startswith("week,")
    assert (
        bank.call("GET", "/v1/analytics/reports/answers/export?format=xlsx", token=boss).content[:2]
        == b"PK"
    )
    assert bank.get("/v1/analytics/live", boss)["clocks"]["broken"] >= 0
    assert (
        bank.get("/v1/analytics/forecast", boss)["expected"] == []
    )  # the demonstration has no past
    assert bank.call("GET", "/v1/analytics/forecast/export", token=boss).text.startswith(
        "\ufeffday,was,expected,low,high"
    )
    new = {"name": "Mine", "report": "answers", "query": {"by": "topic", "days": 30}}
    kept = bank.post("/v1/analytics/saved", new, boss, 201)
    assert kept["id"] in [one["id"] for one in bank.get("/v1/analytics/saved", boss)["items"]]
    bank.call("DELETE", f"/v1/analytics/saved/{kept['id']}", token=bank.staff("admin"))
    assert kept["id"] in [
        one["id"] for one in bank.get("/v1/analytics/saved", boss)["items"]
    ]  # not somebody else's to take
    assert bank.call("DELETE", f"/v1/analytics/saved/{kept['id']}", token=boss).status_code == 204
    bank.get("/v1/analytics/live", bank.staff("agent"), 403)
    bank.get("/v1/analytics/reports/answers?by=nothing", boss, 422)
