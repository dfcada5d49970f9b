"""Tickets on a real database: clocks that follow what happens, assignment, complaints, causes, intake, retention."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Card
from actions.tickets import retention, service
from actions.tickets.assignment import AgentProfile, assign_waiting, set_presence, set_profile
from actions.tickets.attachments import Scanner, attach, attachments_of, path_of
from actions.tickets.catalogue.finder import ServiceFinder, likely_services
from actions.tickets.catalogue.service import request_service
from actions.tickets.complaints import service as complaints
from actions.tickets.complaints.register import HEADER, register_rows
from actions.tickets.desk import bulk
from actions.tickets.desk.related import TicketIndex, duplicates
from actions.tickets.embeddings import read_vectors, vector_of_ticket
from actions.tickets.intake import channels
from actions.tickets.models import Ticket, TicketChange, TicketComment, TicketVector
from actions.tickets.notices import Notice, notices_for
from actions.tickets.notifications import Notification
from actions.tickets.problems.service import (
    add_action,
    finish_action,
    grouped,
    measure_effects,
    watch_surges,
)
from actions.tickets.queries import Filters, narrowed, visible_tickets
from actions.tickets.routing.models import RoutingCorrection
from actions.tickets.routing.trial import try_rules
from actions.tickets.schemas import (
    AssignRequest,
    CommentRequest,
    RootCauseRequest,
    TicketChangeRequest,
)
from actions.tickets.sla.escalation import watch_timers
from actions.tickets.sla.service import recompute_next
from actions.tickets.ticket_config.service import load_ticket_config, publish_draft, put_entry
from assistant.conversations.models import Conversation
from core.audit import verify
from core.clock import OFFICE_HOURS, business_time, utc_now
from core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, PreconditionFailed
from core.identity import Participant, Staff, System
from core.money import Money
from tests.tickets import Desk, at, opened_desk

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("desk")) as opened:
        yield opened


async def speaker(session: AsyncSession, customer: Any) -> Participant:
    """The customer in a conversation."""
    conversation = Conversation(
        channel="web",
        language="en",
        customer_id=customer.id,
        created_at=at(1),
        updated_at=at(1),
    )
    session.add(conversation)
    await session.flush()
    return Participant(conversation.id, customer.id, mfa_valid_until=at(30))


async def test_waiting_for_the_customer_stops_the_clock(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    ticket = await desk.open("please send me a statement", at(1, "09:00"), customer_id=customer.id)
    await desk.move(ticket, "waiting_customer", at(1, "10:00"), agent)
    standing = await desk.now(ticket)
    assert (standing.resolution_due, standing.next_due) == (
        ticket.resolution_due,
        ticket.first_response_due,
    )
    await desk.say(ticket, "here it is", at(1, "15:00"), Participant(ticket.id, customer.id))
    after = await desk.now(ticket)
    assert after.state == "open"
    assert business_time(ticket.resolution_due, after.resolution_due, OFFICE_HOURS) == 5 * HOUR


async def test_a_priority_changes_the_promise_and_segments_have_their_own(desk: Desk) -> None:
    agent = await desk.staff()
    private = await desk.customer(segment="private")
    ticket = await desk.open("question about my statement", at(1), customer_id=private.id)
    assert ticket.first_response_due == at(1, "11:00")
    async with desk.held(ticket) as (session, held):
        await service.change(
            session, agent, held, TicketChangeRequest(priority="urgent"), at(1, "09:10")
        )
    assert (await desk.now(ticket)).first_response_due == at(1, "09:15")


async def test_the_watch_warns_then_escalates_once_and_leaves_what_is_not_due(desk: Desk) -> None:
    agent, supervisor = await desk.staff(), await desk.staff("supervisor")
    ticket = await desk.open("please change my address", at(2), priority="high")
    other = await desk.open("please change my name", at(2, "16:00"), priority="low")
    async with desk.held(ticket) as (session, held):
        await service.assign(session, agent, held, AssignRequest(assignee=agent.id), at(2))

    async def look(now: Any) -> int:
        async with desk.database.transaction() as session:
            return await watch_timers(session, now)

    while await look(at(2, "09:00")):
        pass  # of other tests
    assert await look(at(2, "10:30")) == 1
    assert await look(at(2, "10:40")) == 0
    assert await look(at(2, "11:01")) == 1
    escalated = await desk.now(ticket)
    assert (escalated.priority, escalated.first_response_due) == (
        "urgent",
        ticket.first_response_due,
    )
    clocks = await desk.clocks(ticket.id)
    assert clocks["first_response"].breached_at == ticket.first_response_due
    async with desk.database.transaction() as session:
        told = {
            n.staff_id
            for n in await session.scalars(select(Notice).where(Notice.ticket_id == ticket.id))
        }
    assert {agent.id, supervisor.id} <= told
    assert (await desk.clocks(other.id))["first_response"].warned_at is None


async def test_clocks_follow_a_changed_calendar(desk: Desk) -> None:
    admin = await desk.staff("admin")
    ticket = await desk.open(
        "a copy of my contract", at(8), kind="service_request", priority="normal"
    )
    async with desk.database.transaction() as session:
        before = (await load_ticket_config(session)).calendars["office"]
        closed = before.model_dump(mode="json", exclude_unset=True) | {"closed": ["2026-06-08"]}
        await put_entry(session, admin, "calendar", "office", closed, at(8), expected=1)
        await _rewind_all(session)
    assert (await desk.now(ticket)).first_response_due == at(9, "17:00")
    async with desk.database.transaction() as session:
        await publish_draft(session, admin, "calendar", "office", 1, at(8))
        await _rewind_all(session)
    assert (await desk.now(ticket)).first_response_due == ticket.first_response_due


async def _rewind_all(session: Any) -> None:
    after = None
    while (after := await recompute_next(session, after, at(8))) is not None:
        pass


async def test_the_rule_book_keeps_versions_and_refuses_stale_and_needed_things(desk: Desk) -> None:
    admin, agent = await desk.staff("admin"), await desk.staff()
    cause = {"names": {"en": "Paper jam", "zh": "卡纸"}}
    async with desk.database.transaction() as session:
        made = await put_entry(session, admin, "cause", "system.paper", cause, at(1))
        assert (made.version, made.state) == (1, "live")
        with pytest.raises(PreconditionFailed):
            await put_entry(session, admin, "cause", "system.paper", cause, at(1), expected=4)
        with pytest.raises(Invalid, match="cause nowhere"):
            await put_entry(session, admin, "cause", "nowhere.paper", cause, at(1))
        with pytest.raises(NotAllowed):
            await put_entry(session, agent, "cause", "system.paper", cause, at(1), expected=1)
        assert "system.paper" in (await load_ticket_config(session)).causes


async def test_draft_rules_are_tried_on_past_tickets_before_they_go_live(desk: Desk) -> None:
    admin = await desk.staff("admin")
    ticket = await desk.open("my parrot ate the token", at(1))
    async with desk.database.transaction() as session:
        live = (await load_ticket_config(session)).routing.model_dump(
            mode="json", exclude_unset=True
        )
        parrot = {
            "id": "parrot",
            "when": {"words": {"en": "parrot"}},
            "then": {"queue": "digital", "priority": "low"},
        }
        draft = {"rules": [parrot, *live["rules"]]}
        entry = await put_entry(session, admin, "routing", "routing", draft, at(1), draft=True)
        assert (await load_ticket_config(session)).routing_version == 1
        trial = await try_rules(session, admin, entry.version, 500, at(1))
        assert [t["reference"] for t in trial.result["tickets"]] == [ticket.reference]
        await publish_draft(session, admin, "routing", "routing", entry.version, at(1))
    assert (await desk.open("a parrot again", at(1))).priority == "low"
    async with desk.database.transaction() as session:
        await publish_draft(session, admin, "routing", "routing", 1, at(1))


async def test_a_correction_by_staff_is_kept_to_learn_from(desk: Desk) -> None:
    agent = await desk.staff()
    ticket = await desk.open("the token is broken", at(1), queue="general")
    async with desk.held(ticket) as (session, held):
        await service.assign(session, agent, held, AssignRequest(queue="digital"), at(1))
    async with desk.database.transaction() as session:
        kept = await session.scalar(
            select(RoutingCorrection).where(RoutingCorrection.ticket_id == ticket.id)
        )
    assert (kept.what, kept.decided, kept.corrected) == ("queue", "general", "digital")


async def on_duty(desk: Desk, staff: Staff, queues: list[str], most: int, **given: Any) -> None:
    admin = await desk.staff("admin")
    async with desk.database.transaction() as session:
        await set_profile(
            session,
            admin,
            staff.id,
            queues=queues,
            skills=given.get("skills", []),
            most_open=most,
            calendar=None,
        )
        await set_presence(session, staff, "online", given.get("now", at(3)))


async def test_waiting_tickets_go_to_who_is_there_in_turn_and_never_beyond_the_limit(
    desk: Desk,
) -> None:
    first, second, absent = [await desk.staff() for _ in range(3)]
    await on_duty(desk, first, ["wealth"], 2)
    await on_duty(desk, second, ["wealth"], 2)
    await on_duty(desk, absent, ["wealth"], 5, now=at(2))  # not heard of since yesterday
    tickets = [await desk.open(f"sell my fund {n}", at(3), queue="wealth") for n in range(5)]
    async with desk.database.transaction() as session:
        assert await assign_waiting(session, at(3, "09:01")) == 4
    mine = [(await desk.now(t)).assignee_id for t in tickets]
    assert mine.count(first.id) == mine.count(second.id) == 2
    assert mine.count(None) == 1
    waiting = tickets[mine.index(None)]
    with pytest.raises(Conflict, match="as many open tickets"):
        async with desk.held(waiting) as (session, held):
            await service.assign(session, first, held, AssignRequest(assignee=first.id), at(3))
    await desk.move(tickets[mine.index(first.id)], "resolved", at(3, "10:00"), first)
    async with desk.database.transaction() as session:
        await session.execute(
            update(AgentProfile)
            .where(AgentProfile.staff_id == first.id)
            .values(heard_at=at(3, "10:00"))
        )
        assert await assign_waiting(session, at(3, "10:01")) == 1
    assert (await desk.now(waiting)).assignee_id == first.id


async def test_two_who_assign_at_once_do_not_exceed_the_limit(desk: Desk) -> None:
    agent, boss = await desk.staff(), await desk.staff("supervisor")
    await on_duty(desk, agent, ["lending"], 1)
    tickets = [await desk.open(f"loan {n}", at(4), queue="lending") for n in range(4)]

    async def give(ticket: Ticket) -> bool:
        try:
            async with desk.held(ticket) as (session, held):
                await service.assign(session, boss, held, AssignRequest(assignee=agent.id), at(4))
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(give(ticket) for ticket in tickets))) == 1


async def test_a_reopened_ticket_returns_to_its_queue_when_its_assignee_is_full(desk: Desk) -> None:
    agent = await desk.staff()
    await on_duty(desk, agent, ["cards"], 1)
    first, second = [await desk.open(f"card {n}", at(4), queue="cards") for n in range(2)]
    for ticket in (first, second):
        async with desk.held(ticket) as (session, held):
            await service.assign(session, agent, held, AssignRequest(assignee=agent.id), at(4))
        if ticket is first:
            await desk.move(ticket, "resolved", at(4), agent)
    await desk.move(first, "open", at(5), agent)
    assert (await desk.now(first)).assignee_id is None


async def test_the_same_matter_twice_is_offered_for_merging_and_both_histories_stay(
    desk: Desk,
) -> None:
    agent, customer, stranger = await desk.staff(), await desk.customer(), await desk.customer()
    text = "The cash machine kept my card in Baker Street"
    old = await desk.open(text, at(1), customer_id=customer.id)
    new = await desk.open(
        "Cash machine in Baker Street kept my card", at(2), customer_id=customer.id
    )
    await desk.open(text, at(2), customer_id=stranger.id)
    await desk.open("Please raise the limit for transfers", at(2), customer_id=customer.id)
    async with desk.database.transaction() as session:
        found = await duplicates(session, agent, new, desk.search.encoder)
    assert [ticket.id for ticket, _ in found] == [old.id]
    async with desk.database.transaction() as session:
        one, into = [await service.load(session, agent, t.id, lock=True) for t in (old, new)]
        await service.merge(session, agent, one, into, at(2, "10:00"))
    merged, kept = await desk.now(old), await desk.now(new)
    assert (merged.state, merged.merged_into, merged.next_due) == ("closed", new.id, None)
    assert kept.first_response_due == old.first_response_due
    async with desk.database.transaction() as session:
        other = (
            await session.scalars(select(Ticket).where(Ticket.customer_id == stranger.id))
        ).one()
        into = await service.load(session, agent, new.id)
        with pytest.raises(Conflict, match="same customer"):
            await service.merge(session, agent, other, into, at(2))


async def test_related_tickets_are_found_by_meaning_within_what_one_may_see(desk: Desk) -> None:
    agent = await desk.staff()
    mine = await desk.open(
        "my fingerprint login in the app stopped working", at(1), queue="digital"
    )
    hidden = await desk.open(
        "fingerprint login in the app stopped working", at(1), queue="compliance"
    )
    index = TicketIndex(desk.search.encoder.name, desk.search.encoder.dimensions)
    vector = await desk.search.encoder.encode("cannot log in to the app with my fingerprint")
    await desk.read()
    async with desk.database.transaction() as session:
        found = [ticket.id for ticket, _ in await index.related(session, agent, vector, 5)]
    assert found[0] == mine.id
    assert hidden.id not in found
    later = await desk.open("app does not take my fingerprint", at(30), queue="digital")
    await desk.read()
    async with desk.database.transaction() as session:
        assert later.id in [
            ticket.id for ticket, _ in await index.related(session, agent, vector, 5)
        ]


async def test_a_meaning_that_is_not_made_yet_is_made_when_somebody_asks(desk: Desk) -> None:
    ticket = await desk.open("the hologram on my card peels off", at(1))
    async with desk.database.transaction() as session:
        row = await session.get_one(TicketVector, ticket.id)
        assert row.vector is None
        asked = await vector_of_ticket(session, ticket, desk.search.encoder)
    await desk.read()
    async with desk.database.transaction() as session:
        row = await session.get_one(TicketVector, ticket.id)
        assert read_vectors([row.vector])[0] @ asked == pytest.approx(1, abs=1e-3)


async def test_watchers_hear_of_every_step_but_their_own(desk: Desk) -> None:
    watcher, agent = await desk.staff(), await desk.staff()
    ticket = await desk.open("my card is cracked", at(1))
    async with desk.held(ticket) as (session, held):
        await service.watch(session, watcher, held, wanted=True, now=at(1))
    await desk.move(ticket, "open", at(1), agent)
    await desk.say(ticket, "A new one is on its way", at(1), agent)
    await desk.say(ticket, "sent today", at(1), watcher, "internal")
    async with desk.database.transaction() as session:
        heard = (
            await session.scalars(notices_for(watcher, unread=True).order_by(Notice.created_at))
        ).all()
    assert [notice.text.en for notice in heard] == ["state: new → open", "comment: public"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("please freeze my debit card", "card-lock"),
        ("请把我的卡冻结", "card-lock"),
        ("I moved house, change my address", "address-change"),
        ("我搬家了，改一下地址", "address-change"),
        ("I want to pay back my loan early", "early-repayment"),
        ("我想提前还款", "early-repayment"),
        ("the ATM swallowed my card", "card-in-atm"),
        ("开一份存款证明", "certificate"),
    ],
)
async def test_a_request_is_found_by_what_it_means(desk: Desk, text: str, code: str) -> None:
    finder = ServiceFinder(desk.search.encoder)
    async with desk.database.transaction() as session:
        found = await finder.nearest(
            await load_ticket_config(session), await desk.search.encoder.encode(text)
        )
    assert code in [match.code for match in likely_services(found, asks=True)]


@pytest.mark.parametrize("text", ["what is the weather like", "tell me a joke", "讲个笑话"])
async def test_what_nobody_offers_is_not_found(desk: Desk, text: str) -> None:
    finder = ServiceFinder(desk.search.encoder)
    async with desk.database.transaction() as session:
        assert (
            likely_services(
                await finder.nearest(
                    await load_ticket_config(session), await desk.search.encoder.encode(text)
                ),
                asks=False,
            )
            == []
        )


async def test_a_card_is_locked_at_once_and_the_ticket_says_so(desk: Desk) -> None:
    customer = await desk.customer()
    async with desk.database.transaction() as session:
        card = (await session.scalars(select(Card).where(Card.customer_id == customer.id))).one()
        ticket, done = await request_service(
            session,
            await speaker(session, customer),
            await load_ticket_config(session),
            "card-lock",
            {"card": str(card.id)},
            at(1),
            customer_id=customer.id,
            language="en",
        )
        assert card.state == "blocked"
    assert [action["type"] for action in done] == ["card.blocked"]
    assert (ticket.service, ticket.queue, ticket.description) == (
        "card-lock",
        "cards",
        "Card: debit card •4411",
    )


async def test_a_request_names_each_answer_that_is_missing_wrong_or_not_asked_for(
    desk: Desk,
) -> None:
    customer, stranger = await desk.customer(), await desk.customer()
    async with desk.database.transaction() as session:
        foreign = (await session.scalars(select(Card).where(Card.customer_id == stranger.id))).one()
        given = {
            "card": str(foreign.id),
            "limit": {"amount": "90000", "currency": "EUR"},
            "colour": "red",
        }
        with pytest.raises(Invalid) as refused:
            await request_service(
                session,
                await speaker(session, customer),
                await load_ticket_config(session),
                "card-limit",
                given,
                at(1),
                customer_id=customer.id,
                language="en",
            )
        assert {field for field, _ in refused.value.errors} == {
            "answers.card",
            "answers.limit",
            "answers.colour",
        }
        with pytest.raises(NotAllowed):
            await request_service(
                session,
                Participant(uuid4(), None),
                await load_ticket_config(session),
                "card-limit",
                {},
                at(1),
                customer_id=None,
                language="en",
            )
        with pytest.raises(NotFound):
            await request_service(
                session,
                await speaker(session, customer),
                await load_ticket_config(session),
                "no-such",
                {},
                at(1),
                customer_id=customer.id,
                language="en",
            )


async def complaint(desk: Desk, **given: Any) -> tuple[Ticket, Any]:
    customer = await desk.customer(**given)
    text = "I want to complain: nobody answered my letters about the fee"
    return await desk.open(text, at(1), customer_id=customer.id), customer


async def test_a_complaint_goes_its_way_to_the_final_response(desk: Desk) -> None:
    agent, boss, other = (
        await desk.staff(),
        await desk.staff("supervisor"),
        await desk.staff("supervisor"),
    )
    ticket, _ = await complaint(desk, residency="CN", language="zh", native_name="李雷")
    assert (ticket.kind, ticket.queue) == ("complaint", "complaints")
    assert "regulator:decision" in await desk.clocks(ticket.id)

    async def load(session: Any, who: Staff) -> Any:
        return await complaints.load_complaint(session, who, ticket.id, lock=True)

    async with desk.database.transaction() as session:
        held = await load(session, agent)
        with pytest.raises(NotAllowed):
            await complaints.classify(
                session,
                agent,
                *held,
                complexity="complex",
                jurisdiction=None,
                reason="x",
                now=at(2),
            )
        with pytest.raises(Conflict, match="outcome first"):
            await complaints.write_letter(session, agent, *held, "final", "…", at(2))
        await complaints.write_letter(session, agent, *held, "acknowledged", "", at(2))
        await complaints.decide(session, agent, *held, "upheld", "the letter was lost", at(3))
        await complaints.propose_redress(
            session, agent, *held, Money(Decimal("250.00"), "EUR"), at(3)
        )
        with pytest.raises(Conflict, match="Redress still waits"):
            await complaints.write_letter(session, agent, *held, "final", "…", at(3))
        with pytest.raises(NotAllowed):
            await complaints.decide_redress(
                session, agent, *held, approve=True, reason="fine", now=at(3)
            )
        await complaints.decide_redress(
            session, boss, *held, approve=True, reason="in line", now=at(3)
        )
        letter = await complaints.write_letter(
            session, agent, *held, "final", "费用已退还。", at(4)
        )
    assert "李雷" in letter.body
    assert "250.00 EUR" in letter.body
    assert "投诉成立" in letter.body
    assert "12378" in letter.body
    assert (await desk.clocks(ticket.id))["regulator:decision"].met_at == at(4)
    await desk.move(ticket, "resolved", at(4), agent)
    with pytest.raises(Conflict, match="root cause"):
        await desk.move(ticket, "closed", at(5), agent)
    async with desk.held(ticket) as (session, held_ticket):
        with pytest.raises(Invalid, match="no cause"):
            await service.set_root_cause(
                session,
                agent,
                held_ticket,
                RootCauseRequest(code="process.nowhere", note=""),
                at(5),
            )
        await service.set_root_cause(
            session,
            agent,
            held_ticket,
            RootCauseRequest(code="process.delivery", note="post"),
            at(5),
        )
    await desk.move(ticket, "closed", at(5), agent)
    async with desk.database.transaction() as session:
        rows = [row async for row in register_rows(session, other, at(1), at(30), "cn")]
        with pytest.raises(NotAllowed):
            [row async for row in register_rows(session, agent, at(1), at(30), None)]
    told = dict(zip(HEADER, rows[-1], strict=True))
    assert (told["reference"], told["outcome"], told["within_deadline"], told["days_to_final"]) == (
        ticket.reference,
        "upheld",
        True,
        3,
    )


async def test_redress_is_not_approved_by_who_proposed_it(desk: Desk) -> None:
    boss = await desk.staff("supervisor")
    ticket, _ = await complaint(desk)
    async with desk.database.transaction() as session:
        held = await complaints.load_complaint(session, boss, ticket.id, lock=True)
        await complaints.propose_redress(session, boss, *held, Money(Decimal(9000), "EUR"), at(2))
        with pytest.raises(NotAllowed, match="another supervisor"):
            await complaints.decide_redress(
                session, boss, *held, approve=True, reason="mine", now=at(2)
            )


async def test_a_ticket_that_turns_out_to_be_a_complaint_counts_since_it_arrived(
    desk: Desk,
) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    ticket = await desk.open(
        "about the letter of May", at(1), customer_id=customer.id, kind="question"
    )
    async with desk.held(ticket) as (session, held):
        await service.change(session, agent, held, TicketChangeRequest(kind="complaint"), at(4))
    clocks = await desk.clocks(ticket.id)
    assert clocks["regulator:summary"].due_at == at(
        5, "00:00"
    )  # the end of the third business day after Monday


async def test_one_answer_reaches_all_tickets_of_an_incident(desk: Desk) -> None:
    agent = await desk.staff()
    parent = await desk.open("the app is down", at(1), queue="digital")
    customers = [await desk.customer() for _ in range(3)]
    children = [
        await desk.open("app does not start", at(1), customer_id=c.id, queue="digital")
        for c in customers
    ]
    for child in children:
        async with desk.held(child) as (session, held):
            await service.link(session, agent, held, parent, at(1))
    async with desk.held(parent) as (session, held):
        said = CommentRequest(text="The app works again.", visibility="public")
        assert len(await service.answer_all(session, agent, held, said, True, at(1, "12:00"))) == 4
    assert {(await desk.now(child)).state for child in children} == {"resolved"}
    async with desk.database.transaction() as session:
        mails = await session.scalar(
            select(func.count()).where(
                Notification.template == "ticket-answered",
                Notification.address.in_([c.email for c in customers]),
            )
        )
    assert mails == 3


async def test_a_macro_is_previewed_without_doing_it_and_done_as_previewed(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    ticket = await desk.open("please change my name", at(1), customer_id=customer.id)
    async with desk.held(ticket) as (session, held):
        preview = await bulk.preview_macro(session, agent, held, "ask-for-documents", at(1))
    assert preview.changes["state"] == ("new", "waiting_customer")
    assert customer.name in preview.steps[0]
    untouched = await desk.now(ticket)
    assert (untouched.state, untouched.version) == ("new", 1)
    async with desk.held(ticket) as (session, held):
        await bulk.run_macro(session, agent, held, "ask-for-documents", at(1))
    done = await desk.now(ticket)
    assert (done.state, done.tags) == ("waiting_customer", ["documents"])


async def test_groups_say_what_began_them_and_a_surge_opens_one_problem(desk: Desk) -> None:
    boss, day = await desk.staff("supervisor"), at(20)
    texts = [
        "Apple Pay does not accept my card",
        "my card is refused by Apple Pay",
        "Apple Pay rejects my card",
        "Apple Pay will not take my card",
        "cannot add my card to Apple Pay any more",
        "Apple Pay refuses the card",
    ]
    tickets = [await desk.open(text, day + n * HOUR, queue="cards") for n, text in enumerate(texts)]
    encoder = desk.search.encoder.name
    await desk.read()
    async with desk.database.transaction() as session:
        opened = await watch_surges(session, encoder, day + 8 * HOUR)
        assert [p.title for p in opened] == [texts[0]]
        assert await watch_surges(session, encoder, day + 9 * HOUR) == []
        groups = await grouped(
            session, boss, encoder, day, day + 24 * HOUR, queue="cards", minimum=3
        )
    assert groups[0].began_with.reference == tickets[0].reference
    assert groups[0].count == len(texts)
    async with desk.database.transaction() as session:
        action = await add_action(
            session,
            boss,
            opened[0],
            what="Renew the certificate",
            owner_id=boss.id,
            due_on=day.date(),
            measured_days=7,
            now=day,
        )
        await finish_action(session, boss, action.id, day + 24 * HOUR)
        assert await measure_effects(session, day + timedelta(days=3)) == 0
        assert await measure_effects(session, day + timedelta(days=9)) == 1
        assert (action.before, action.after) == (len(texts), 0)


MAIL = "From: {sender}\nTo: service@bank.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"


async def test_a_mail_is_a_ticket_and_its_answer_is_added_for_its_own_customer_only(
    desk: Desk,
) -> None:
    boss, customer, stranger = await desk.staff(), await desk.customer(), await desk.customer()

    async def send(sender: str, subject: str, text: str, now: Any) -> tuple[Ticket, bool]:
        mail = channels.read_mail(MAIL.format(sender=sender, subject=subject, text=text))
        async with desk.database.transaction() as session:
            return await channels.take_mail(session, boss, mail, now)

    ticket, new = await send(
        f"Ann <{customer.email}>", "Statement", "Please send my statement.", at(1)
    )
    assert (new, ticket.customer_id, ticket.channel) == (True, customer.id, "email")
    await desk.move(ticket, "waiting_customer", at(1), boss)
    answer = "Here is the form.\n\nOn Mon, 1 June 2026 the bank wrote:\n> please send the form"
    again, new = await send(
        customer.email, f"Re: {ticket.reference}: we need a form", answer, at(2)
    )
    assert (new, again.id) == (False, ticket.id)
    async with desk.database.transaction() as session:
        said = (
            await session.scalars(select(TicketComment).where(TicketComment.ticket_id == ticket.id))
        ).all()
    assert [c.text for c in said] == ["Here is the form."]
    other, new = await send(stranger.email, f"Re: {ticket.reference}", "let me in", at(2))
    assert (new, other.id != ticket.id) == (True, True)
    await desk.move(ticket, "resolved", at(3), boss)
    rated, _ = await send(customer.email, f"Re: {ticket.reference}: settled", "5", at(4))
    assert (rated.satisfaction, rated.state) == (5, "resolved")


async def test_a_call_is_routed_by_what_the_customer_said(desk: Desk) -> None:
    agent = await desk.staff()
    transcript = "Agent: Good morning, your bank, do you want to report fraud?\nCustomer: No, I want to repay part of my mortgage early."
    async with desk.database.transaction() as session:
        ticket = await channels.take_call(
            session, agent, transcript, at(1), customer_id=None, contact="+442079460111"
        )
    assert (ticket.queue, ticket.channel, ticket.description) == (
        "lending",
        "phone",
        "No, I want to repay part of my mortgage early.",
    )


def test_rows_of_a_file_are_read_with_what_is_wrong_in_each() -> None:
    content = (
        "description,queue,tags\nmy card is cracked,cards,a;b\n,cards,\nhello,nowhere,\n".encode(
            "utf-8-sig"
        )
    )
    rows = list(channels.read_rows(content))
    assert rows[0].new is not None
    assert rows[0].new.tags == ["a", "b"]
    assert [row.number for row in rows if row.new is None] == [3, 4]
    with pytest.raises(Invalid, match="Unknown columns: colour"):
        list(channels.read_rows(b"description,colour\nx,red\n"))
    with pytest.raises(Invalid, match="UTF-8"):
        list(channels.read_rows("description\nGröße".encode("latin-1")))


async def test_full_text_search_finds_both_languages_comments_and_references(desk: Desk) -> None:
    agent = await desk.staff()
    english = await desk.open("The zeppelin tickets were charged twice", at(1))
    chinese = await desk.open("飞艇票被重复扣款，请退回", at(1))
    await desk.say(english, "customer sent the boarding passes", at(2), agent, "internal")

    async def found(q: str) -> set[str]:
        async with desk.database.transaction() as session:
            return {
                t.reference
                for t in await session.scalars(
                    narrowed(visible_tickets(agent), Filters(q=q), utc_now())
                )
            }

    assert found is not None
    assert await found("zeppelins charge") == {english.reference}
    assert await found("飞艇") == {chinese.reference}
    assert await found("boarding pass") == {english.reference}
    assert await found(english.reference.lower()) == {english.reference}


async def test_a_file_is_typed_by_content_and_kept_out_of_sight(desk: Desk, tmp_path: Path) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    ticket = await desk.open("see my papers", at(1), customer_id=customer.id)

    async def send(name: str, content: bytes, visibility: str = "public") -> Any:
        async with desk.held(ticket) as (session, held):
            return await attach(
                session,
                agent,
                held,
                tmp_path,
                Scanner(None),
                name=name,
                content=content,
                visibility=visibility,
                max_bytes=1000,
                now=at(1),
            )

    kept = await send("../../etc/statement.txt", "Kontoauszug: 12 €".encode())
    assert (kept.name, kept.content_type, kept.scan) == (
        "statement.txt",
        "text/plain",
        "not_scanned",
    )
    assert path_of(tmp_path, kept.id).read_bytes() == "Kontoauszug: 12 €".encode()
    for name, content in (
        ("page.txt", b"<html><script>alert(1)</script>"),
        ("run.exe", b"MZ\x90\x00"),
        ("photo.png", b"%PDF-1.7 x"),
        ("empty.txt", b""),
        ("big.txt", b"x" * 1001),
        ("page.html", b"<p>hi</p>"),
    ):
        with pytest.raises(Invalid):
            await send(name, content)
    await send("internal.txt", b"for us", "internal")
    async with desk.database.transaction() as session:
        shown = await session.scalars(attachments_of(Participant(uuid4(), customer.id), ticket.id))
        assert [a.name for a in shown] == ["statement.txt"]


async def test_erasure_keeps_what_the_law_keeps_and_forgets_the_rest(
    desk: Desk, tmp_path: Path
) -> None:
    agent, boss, customer = (
        await desk.staff(),
        await desk.staff("supervisor"),
        await desk.customer(),
    )
    done = await desk.open("Ann wants her statement", at(1), customer_id=customer.id)
    await desk.say(done, "my cat is called Tom", at(1), Participant(done.id, customer.id))
    await desk.move(done, "resolved", at(2), agent)
    held = await desk.open("another thing", at(1), customer_id=customer.id, kind="question")
    await desk.move(held, "resolved", at(2), agent)
    kept = await desk.open("I complain about it", at(1), customer_id=customer.id)
    async with desk.held(held) as (session, ticket):
        await retention.set_hold(session, boss, ticket, hold=True, reason="court", now=at(3))
    async with desk.database.transaction() as session:
        erased, stay = await retention.erase_of_customer(
            session, boss, customer.id, tmp_path, at(4)
        )
    assert (erased, set(stay)) == (1, {held.reference, kept.reference})
    gone = await desk.now(done)
    assert (gone.subject, gone.customer_id, gone.kind) == ("[erased]", None, done.kind)
    async with desk.database.transaction() as session:
        comments = (
            await session.scalars(select(TicketComment).where(TicketComment.ticket_id == done.id))
        ).all()
        steps = (
            await session.scalars(select(TicketChange).where(TicketChange.ticket_id == done.id))
        ).all()
    assert {c.text for c in comments} == {"[erased]"}
    assert not any(str(customer.id) in f"{s.actor}{s.before}{s.after}" for s in steps)


async def test_what_is_old_is_closed_archived_and_erased_in_its_time(
    desk: Desk, tmp_path: Path
) -> None:
    agent = await desk.staff()
    ticket = await desk.open("when do you open", at(1), kind="question", contact="a@b.example")
    await desk.move(ticket, "resolved", at(1), agent)

    async def keep(now: Any) -> str:
        for duty in (retention.close_resolved, retention.archive_old):
            async with desk.database.transaction() as session:
                await duty(session, now)
        async with desk.database.transaction() as session:
            await retention.erase_expired(session, tmp_path, now)
        return (await desk.now(ticket)).state

    assert await keep(at(5)) == "resolved"
    assert await keep(at(9)) == "closed"
    assert await keep(at(9) + timedelta(days=91)) == "archived"
    assert (await desk.now(ticket)).erased_at is None
    await keep(at(9) + timedelta(days=366))
    assert (await desk.now(ticket)).contact is None


async def test_the_customer_hears_in_the_own_language_and_of_each_step_once(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer(language="zh", native_name="韩梅梅")
    ticket = await desk.open("please send my statement", at(1), customer_id=customer.id)
    await desk.say(ticket, "已寄出", at(1, "10:00"), agent)
    await desk.move(ticket, "resolved", at(2), agent)
    async with desk.database.transaction() as session:
        mails = (
            await session.scalars(
                select(Notification)
                .where(Notification.ticket_id == ticket.id)
                .order_by(Notification.created_at)
            )
        ).all()
    assert [m.template for m in mails] == ["ticket-opened", "ticket-answered", "ticket-resolved"]
    assert all("韩梅梅" in m.body and m.language == "zh" for m in mails)
    assert "已寄出" in mails[1].body


async def test_each_of_many_changes_has_its_own_result(desk: Desk) -> None:
    agent = await desk.staff()
    good, closed = [await desk.open(f"thing {n}", at(1)) for n in range(2)]
    await desk.move(closed, "resolved", at(1), agent)
    results = []
    for ticket_id in (good.id, closed.id, uuid4()):
        outcome: Ticket | DomainError
        try:
            async with desk.database.transaction() as session:
                outcome = await bulk.change_one(
                    session, agent, ticket_id, bulk.Change(state="waiting_internal"), at(1)
                )
        except DomainError as error:
            outcome = error
        results.append(bulk.result_of(ticket_id, outcome))
    refused = [one for one in results if isinstance(one, bulk.TicketUnchanged)]
    assert [one.ok for one in results] == [True, False, False]
    assert [one.status for one in refused] == [409, 404]
    assert "possible: open, closed" in refused[0].detail


async def test_the_audit_chain_is_whole_after_all_of_this(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        count, broken = await verify(session)
    assert broken is None
    assert count > 100
    assert isinstance(System(), System)
