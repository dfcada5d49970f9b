"""What is kept and for how long: quiet conversations end, old ones are erased, and a customer's on request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from actions.tickets.retention import ERASED
from assistant import retention
from assistant.conversations.models import Conversation, ConversationToken, Message, TurnTrace
from assistant.copilot.log import forget_answers
from assistant.copilot.models import CopilotSuggestion, CopilotUse
from assistant.dialogue.state import DialogueState
from core.clock import utc_now
from core.outbox import Event, emit
from core.webhooks import Webhook, WebhookDelivery, forget_events
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

DAY = timedelta(days=1)
YEAR = 365 * DAY
SAID = "How long does card delivery take? My cat is called Tom."


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


def test_a_customer_asks_to_be_forgotten(bank: Bank) -> None:
    agent, boss = bank.staff("agent"), bank.staff("supervisor")
    who = bank.get("/v1/customers?q=C100107", agent)["items"][0]["id"]
    bank.call(
        "PATCH",
        f"/v1/customers/{who}/consents",
        {"consents": {"marketing": True}, "channel": "branch"},
        agent,
    )
    plain, ticketed = bank.chat("en", who), bank.chat("en", who)
    plain.say(SAID)
    bank.post(f"/v1/conversations/{plain.id}/claim", {}, agent)
    bank.post(f"/v1/conversations/{plain.id}/notes", {"text": "asks about Tom"}, agent, 201)
    wanted = {"conversation_id": plain.id, "language": "en"}
    shown = bank.post("/v1/copilot/suggestions", wanted, agent)
    bank.post(f"/v1/conversations/{plain.id}/close", {}, agent)
    ticketed.say("open a ticket: the pages of my statement are in the wrong order")
    ticketed.say("yes")
    bank.post(f"/v1/conversations/{ticketed.id}/close", {}, boss)
    bank.post(
        f"/v1/customers/{who}/life_events",
        {"kind": "move", "happened_on": "2026-01-05"},
        agent,
        201,
    )
    lead = bank.post("/v1/leads", {"customer_id": who, "subject": "A loan for Tom"}, agent, 201)
    reason = {"reason": "asked for it by letter"}
    bank.post(f"/v1/customers/{who}/erasure", reason, agent, 403)
    bank.post(f"/v1/customers/{who}/erasure", {}, boss, 422)
    done = bank.post(f"/v1/customers/{who}/erasure", reason, boss)
    kept_tickets = done.pop("kept_tickets")
    assert len(kept_tickets) == 1
    assert done == {
        "tickets": 0,
        "conversations": 1,
        "kept_conversations": 1,
        "leads": 1,
        "kept_leads": 0,
    }
    left = bank.get(f"/v1/conversations/{plain.id}/messages", boss)["items"]
    assert left
    assert {message["text"] for message in left} == {ERASED}
    assert any(message["citations"] for message in left)  # which article was quoted stays
    notes = bank.get(f"/v1/conversations/{plain.id}/notes", boss)["items"]
    assert [note["text"] for note in notes] == [ERASED]
    assert "order" in json.dumps(bank.get(f"/v1/conversations/{ticketed.id}/messages", boss))
    bank.get(f"/v1/leads/{lead['id']}", boss, 404)
    profile = bank.get(f"/v1/customers/{who}/profile", boss)
    assert profile["life_events"]["items"] == []
    assert bank.get(f"/v1/customers/{who}/consents", boss)["consents"]["marketing"] is False
    trail = bank.get(f"/v1/audit?subject=customer:{who}", bank.staff("compliance_officer"))["items"]
    assert any(
        entry["action"] == "customer.erased" and entry["details"]["conversations"] == 1
        for entry in trail
    )
    use = {"part": "reply", "outcome": "inserted"}
    bank.post(
        f"/v1/copilot/suggestions/{shown['id']}/uses", use, agent, 204
    )  # it is still known, without its words
    again = bank.post(f"/v1/customers/{who}/erasure", reason, boss)
    assert (again["conversations"], again["leads"]) == (0, 0)
    bank.post(f"/v1/customers/{plain.id}/erasure", reason, boss, 404)


async def spoken(desk: Desk, now: datetime, state: str = "assistant", **given: Any) -> Conversation:
    """A conversation that was last spoken in at a time, and closed then if it is closed."""
    actions = given.pop("actions", [])
    async with desk.database.transaction() as session:
        conversation = Conversation(
            channel="web",
            language="en",
            state=state,
            dialogue=DialogueState(last_text="Tom"),
            created_at=now,
            updated_at=now,
            closed_at=now if state == "closed" else None,
            signals=[{"signal": "anger", "words": "Tom!"}],
            handoff_reason="Tom is ill",
            **given,
        )
        session.add(conversation)
        await session.flush()
        message = Message(
            conversation_id=conversation.id,
            author="assistant",
            text="Tom",
            language="en",
            actions=actions,
            created_at=now,
        )
        session.add(message)
        await session.flush()
        session.add(
            TurnTrace(
                message_id=message.id,
                conversation_id=conversation.id,
                reading={"text": "Tom"},
                commands=[],
                stack_before=[],
                stack_after=[],
                created_at=now,
            )
        )
        session.add(
            ConversationToken(
                token_hash=uuid4().hex, conversation_id=conversation.id, expires_at=None
            )
        )
        return conversation


async def test_a_quiet_conversation_ends_unless_a_person_is_waited_for(desk: Desk) -> None:
    quiet, fresh = await spoken(desk, at(1)), await spoken(desk, at(3))
    waiting = await spoken(desk, at(1), "queued")
    ticketed = await spoken(desk, at(1))
    ticket = await desk.open("about Tom", at(1), conversation_id=ticketed.id)
    async with desk.database.transaction() as session:
        assert await retention.close_quiet(session, at(1) + retention.QUIET) == 0
        assert await retention.close_quiet(session, at(2) + retention.QUIET) == 1
        told = (
            await session.scalars(select(Event.conversation_id).where(Event.type == "state"))
        ).all()
    assert told == [quiet.id]
    async with desk.database.transaction() as session:
        states = [
            (await session.get_one(Conversation, one.id)).state
            for one in (quiet, fresh, waiting, ticketed)
        ]
    assert states == ["closed", "assistant", "queued", "assistant"]
    await desk.move(ticket, "resolved", at(2), await desk.staff())
    async with desk.database.transaction() as session:
        assert await retention.close_quiet(session, at(2) + retention.QUIET) == 1


async def test_a_conversation_is_erased_when_its_time_is_over(desk: Desk, tmp_path: Path) -> None:
    start, customer = utc_now() - 20 * YEAR, await desk.customer()
    advice = [{"type": "recommendation.shown", "id": "x", "products": ["Tom"]}]
    visitor = await spoken(desk, start, "closed")
    own = await spoken(desk, start, "closed", customer_id=customer.id)
    advised = await spoken(desk, start, "closed", customer_id=customer.id, actions=advice)
    ticketed = await spoken(desk, start, "closed", customer_id=customer.id)
    await desk.open("about Tom", at(1), customer_id=customer.id, conversation_id=ticketed.id)
    still: dict[int, set[str]] = {}
    names = {visitor.id: "visitor", own.id: "own", advised.id: "advised", ticketed.id: "ticketed"}
    for years in (0, 1, 3, 5, 19):
        async with desk.database.transaction() as session:
            await retention.erase_old(session, tmp_path, start + years * YEAR + DAY)
            kept = select(Conversation.id).where(
                Conversation.id.in_(names), Conversation.erased_at.is_(None)
            )
            still[years] = {names[key] for key in await session.scalars(kept)}
    assert still == {
        0: {"visitor", "own", "advised", "ticketed"},
        1: {"own", "advised", "ticketed"},
        3: {"advised", "ticketed"},
        5: {"ticketed"},
        19: {"ticketed"},
    }
    async with desk.database.transaction() as session:
        gone = await session.get_one(Conversation, advised.id)
        said = (
            await session.scalars(select(Message).where(Message.conversation_id == advised.id))
        ).one()
        left = [
            await session.scalar(select(func.count()).where(table.conversation_id == advised.id))
            for table in (ConversationToken, TurnTrace)
        ]
    assert left == [0, 0]
    assert (gone.customer_id, gone.handoff_reason, gone.dialogue, gone.signals) == (
        None,
        None,
        DialogueState(),
        [{"signal": "anger", "words": ERASED}],
    )
    assert (said.text, said.actions) == (ERASED, [{"type": "recommendation.shown"}])


async def test_the_copilots_figures_stay_when_its_words_go(desk: Desk, tmp_path: Path) -> None:
    agent, talks = await desk.staff(), []
    async with desk.database.transaction() as session:
        for reply in ("Dear Tom", ""):
            talk = await spoken(desk, at(1), "closed")
            talks.append(talk.id)
            row = CopilotSuggestion(
                kind="beside",
                conversation_id=talk.id,
                staff_id=agent.id,
                created_at=at(1),
                shown={"reply": {"text": reply, "citations": []}, "summary": "Tom", "warnings": []},
            )
            session.add(row)
            await session.flush()
            session.add(
                CopilotUse(
                    suggestion_id=row.id,
                    part="reply",
                    outcome="wrong",
                    reason="Tom is a cat",
                    created_at=at(1),
                )
            )
    counted = text(
        "select offered, wrong from copilot_facts where agent_id = :agent order by offered"
    ).bindparams(agent=agent.id)
    async with desk.database.transaction() as session:
        before = (await session.execute(counted)).all()
        await retention.erase_old(session, tmp_path, at(2) + YEAR)
        assert (await session.execute(counted)).all() == before == [(False, True), (True, True)]
        shown = await session.scalars(
            select(CopilotSuggestion.shown).where(CopilotSuggestion.conversation_id.in_(talks))
        )
        uses = await session.scalars(
            select(CopilotUse.reason)
            .join(CopilotSuggestion)
            .where(CopilotSuggestion.staff_id == agent.id)
        )
        assert "Tom" not in json.dumps([*shown, *uses])


async def test_answers_to_staff_and_events_are_forgotten_in_their_time(desk: Desk) -> None:
    agent = await desk.staff()
    async with desk.database.transaction() as session:
        session.add(
            CopilotSuggestion(
                kind="answer",
                conversation_id=None,
                staff_id=agent.id,
                shown={"asked": "Tom"},
                created_at=at(1),
            )
        )
        await session.flush()
        assert await forget_answers(session, at(1) + YEAR) == 0
        assert await forget_answers(session, at(2) + YEAR) == 1
    async with desk.database.transaction() as session:
        hook = Webhook(url="https://a.example", events=["ticket.created"], secret="s", owner="test")
        sent, waiting = (
            emit(session, "ticket.created", {"id": name}) for name in ("sent", "waiting")
        )
        sent.created_at = waiting.created_at = at(1)
        session.add(hook)
        await session.flush()
        session.add_all(
            WebhookDelivery(
                webhook_id=hook.id, event_id=event.id, status=status, next_attempt_at=at(1)
            )
            for event, status in ((sent, "delivered"), (waiting, "pending"))
        )
        await session.flush()
        await forget_events(session, at(1) + 31 * DAY)
        left = (
            await session.scalars(select(Event.id).where(Event.id.in_((sent.id, waiting.id))))
        ).all()
        assert left == [waiting.id]
        assert (
            await session.scalar(select(func.count()).where(WebhookDelivery.webhook_id == hook.id))
            == 1
        )
