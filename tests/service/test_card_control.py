"""Cards blocked and unblocked in the core banking system: asked for in a transaction, delivered once after it, whatever happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.card_control.delivery import deliver_due, deliver_request
from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.rules import PAUSES
from actions.customers.cards import CardChange, block_card, unblock_card, why_not_unblocked
from actions.customers.models import Card, Customer
from actions.customers.source_models import Source, SourceRecord
from actions.customers.sources import loading
from actions.tickets.models import Ticket, TicketComment
from actions.tickets.tasks import open_card_failures
from assistant.conversation_tasks import notify_card_failures
from assistant.conversations.models import Conversation, Message
from assistant.worker import Worker, retry_stalled
from core.audit import AuditEntry, hold_chain, verify
from core.clock import utc_now
from core.errors import Conflict, NotAllowed, NotFound
from core.identity import Application, Caller, Participant, System
from core.outbox import Event
from core.settings import ROOT, Settings
from tests.bank import Bank
from tests.core_banking import TOKEN, Answer, CoreBanking, core_banking
from tests.tickets import Desk, opened_desk

PHONE = "+44 20 7946 0123"
BUSY = Answer(503, b"")
WAIT_S = 30


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("cards")) as made:
        yield made


@pytest.fixture
def system() -> Iterator[CoreBanking]:
    with core_banking() as made:
        yield made


def settings(desk: Desk, system: CoreBanking | None = None) -> Settings:
    url = system.url if system else None
    return Settings(
        var_dir=desk.folder,
        core_banking_url=url,
        core_banking_token=TOKEN,
        core_banking_timeout_s=1.0,
        emergency_phone=PHONE,
    )


@pytest.fixture
async def worker(desk: Desk, system: CoreBanking) -> AsyncIterator[Worker]:
    made = Worker(desk.database, settings(desk, system))
    await made.app.open_async()
    yield made
    await made.close()


class Holder:
    """A customer with one card, in a conversation."""

    def __init__(self, desk: Desk, customer: Customer, conversation: Conversation) -> None:
        self.desk, self.customer, self.conversation = desk, customer, conversation

    def speaker(self, *, second_factor: bool = True) -> Participant:
        until = utc_now() + timedelta(minutes=5) if second_factor else None
        return Participant(self.conversation.id, self.customer.id, mfa_valid_until=until)

    async def card(self, session: AsyncSession) -> Card:
        cards = await session.scalars(select(Card).where(Card.customer_id == self.customer.id))
        return cards.one()

    async def block(self, caller: Caller | None = None) -> CardChange:
        async with self.desk.database.transaction() as session:
            return await block_card(session, caller or self.speaker(), await self.card(session))

    async def unblock(self, caller: Caller | None = None) -> CardChange:
        async with self.desk.database.transaction() as session:
            return await unblock_card(session, caller or self.speaker(), await self.card(session))

    async def shows(self) -> tuple[str, str | None]:
        """What the card shows: its state, and what of a request is open."""
        async with self.desk.database.transaction() as session:
            card = await self.card(session)
            return card.state, card.control

    async def requests(self) -> list[tuple[str, str]]:
        """Actions and states of the card's requests, in order."""
        async with self.desk.database.transaction() as session:
            card = await self.card(session)
            rows = select(CardRequest.action, CardRequest.state).where(
                CardRequest.card_id == card.id
            )
            return [(a, s) for a, s in await session.execute(rows.order_by(CardRequest.ordinal))]

    async def audited(self) -> list[tuple[str, str]]:
        """Actions about the card in the audit trail, with who did them."""
        async with self.desk.database.transaction() as session:
            card = await self.card(session)
            rows = select(AuditEntry).where(AuditEntry.subject == f"card:{card.id}")
            entries = (await session.scalars(rows.order_by(AuditEntry.id))).all()
            return [(entry.action, entry.actor.split(":")[0]) for entry in entries]

    async def reference(self) -> str:
        async with self.desk.database.transaction() as session:
            return str((await self.card(session)).id)


@pytest.fixture
async def holder(desk: Desk) -> Holder:
    return await new_holder(desk)


async def new_holder(desk: Desk, **values: Any) -> Holder:
    customer = await desk.customer(**values)
    async with desk.database.transaction() as session:
        conversation = Conversation(
            channel="web", language=customer.language, customer_id=customer.id
        )
        session.add(conversation)
    return Holder(desk, customer, conversation)


async def work_off(worker: Worker) -> None:
    """Run the jobs of cards that are due."""
    await worker.app.run_worker_async(
        queues=["cards"],
        wait=False,
        install_signal_handlers=False,
        delete_jobs="successful",
        worker_middleware=[worker.record],
    )


async def make_due(desk: Desk) -> None:
    """The pause before the next attempt is over."""
    async with desk.database.transaction() as session:
        await session.execute(update(CardRequest).values(next_attempt_at=utc_now()))
        await session.execute(text("update procrastinate_jobs set scheduled_at = null"))


async def give_up(desk: Desk, worker: Worker) -> None:
    """Make every attempt of what is pending."""
    for _ in range(len(PAUSES) + 1):
        await work_off(worker)
        await make_due(desk)


async def events(desk: Desk, card_id: str) -> list[str]:
    async with desk.database.transaction() as session:
        rows = select(Event.type).where(Event.payload["id"].astext == card_id).order_by(Event.id)
        return list((await session.scalars(rows)).all())


async def test_a_block_counts_at_once_and_is_confirmed_after_the_transaction(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    async with desk.database.transaction() as session:
        change = await block_card(session, holder.speaker(), await holder.card(session))
        assert system.received == []
    assert change.outcome == "requested"
    assert await holder.shows() == ("blocked", "block_pending")
    await work_off(worker)
    reference = await holder.reference()
    assert system.effects == [(reference, "block", str(change.request_id))]
    assert await holder.shows() == ("blocked", None)
    assert await holder.requests() == [("block", "confirmed")]
    assert await holder.audited() == [
        ("card.blocked", "customer"),
        ("card.block_confirmed", "system"),
    ]
    assert await events(desk, reference) == ["card.blocked", "card.block_confirmed"]
    assert (await holder.block()).outcome == "done"
    await work_off(worker)
    assert len(system.received) == 1


async def test_without_a_core_banking_system_a_simulator_confirms(
    desk: Desk, holder: Holder
) -> None:
    made = Worker(desk.database, settings(desk))
    await made.app.open_async()
    await holder.block()
    await work_off(made)
    assert await holder.shows() == ("blocked", None)
    await holder.unblock()
    assert await holder.shows() == ("blocked", "unblock_pending")
    await work_off(made)
    assert await holder.shows() == ("active", None)
    await made.close()


async def test_what_is_undone_is_never_sent(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    async def block_and_fail() -> None:
        async with desk.database.transaction() as session:
            await block_card(session, holder.speaker(), await holder.card(session))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block_and_fail()
    await deliver_due.run(worker.context)
    await work_off(worker)
    assert (await holder.shows(), await holder.requests()) == (("active", None), [])
    assert system.received == []


async def test_two_who_block_at_once_make_one_request(
    worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    changes = await asyncio.gather(*(holder.block() for _ in range(5)))
    assert {change.outcome for change in changes} == {"requested"}
    assert len({change.request_id for change in changes}) == 1
    await work_off(worker)
    assert len(system.received) == 1


async def test_an_order_that_was_taken_but_not_answered_takes_effect_once(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    system.lose = 3
    await holder.block()
    await work_off(worker)
    assert await holder.shows() == ("blocked", "block_pending")
    await make_due(desk)
    await work_off(worker)
    assert await holder.shows() == ("blocked", None)
    assert len(system.effects) == 1


async def test_an_order_that_is_accepted_is_asked_for_until_it_is_in_force(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    system.pending = 2
    await holder.block()
    for _ in range(3):
        assert await holder.shows() == ("blocked", "block_pending")
        await work_off(worker)
        await make_due(desk)
    assert await holder.shows() == ("blocked", None)
    assert [received.method for received in system.received] == ["POST", "GET", "GET"]


KILLED = """
import asyncio, sys
from assistant.worker import Worker
from core.database import Database
from core.settings import Settings

async def work():
    worker = Worker(Database(sys.argv[1], 2), Settings())
    worker.start()
    await worker.wait()

asyncio.run(work())
"""


async def test_a_process_that_is_killed_while_it_sends_loses_and_repeats_nothing(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    await holder.block()
    environment = os.environ | {
        "CORE_BANKING_URL": system.url,
        "CORE_BANKING_TOKEN": TOKEN,
        "VAR_DIR": str(desk.folder),
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen([sys.executable, "-c", KILLED, desk.database.url], env=environment)  # noqa: ASYNC220
    system.on_effect = lambda: os.kill(process.pid, signal.SIGKILL)
    assert await asyncio.to_thread(process.wait, 120) == -signal.SIGKILL
    system.on_effect = None
    assert await holder.shows() == ("blocked", "block_pending")
    assert len(system.effects) == 1
    async with desk.database.transaction() as session:
        await session.execute(
            text("update procrastinate_workers set last_heartbeat = now() - interval '5 minutes'")
        )
    await retry_stalled.run(worker.context)
    await work_off(worker)
    assert await holder.shows() == ("blocked", None)
    assert len(system.effects) == 1
    assert len({received.headers["idempotency-key"] for received in system.received}) == 1


async def test_a_request_whose_job_is_lost_is_deferred_again(
    desk: Desk, worker: Worker, holder: Holder
) -> None:
    await holder.block()
    async with desk.database.transaction() as session:
        await session.execute(
            text("delete from procrastinate_jobs where task_name = :name"),
            {"name": deliver_request.name},
        )
    await work_off(worker)
    assert await holder.shows() == ("blocked", "block_pending")
    await deliver_due.run(worker.context)
    await deliver_due.run(worker.context)
    await work_off(worker)
    assert await holder.requests() == [("block", "confirmed")]


async def test_attempts_follow_the_schedule_and_the_last_one_is_final(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    system.always = BUSY
    change = await holder.block()
    pauses = []
    for _ in PAUSES:
        await work_off(worker)
        assert await holder.shows() == ("blocked", "block_pending")
        pauses.append(await pause_of(desk, change.request_id))
        await make_due(desk)
    assert pauses == [pause.total_seconds() for pause in PAUSES]
    await work_off(worker)
    assert await holder.shows() == ("active", "block_failed")
    assert await holder.requests() == [("block", "failed")]
    assert await holder.audited() == [("card.blocked", "customer"), ("card.block_failed", "system")]
    assert await events(desk, await holder.reference()) == ["card.blocked", "card.block_failed"]


async def pause_of(desk: Desk, request_id: UUID | None) -> float:
    """Seconds, to the nearest five, until the job of a request is due."""
    async with desk.database.transaction() as session:
        seconds = await session.scalar(
            text(
                "select extract(epoch from scheduled_at - now()) from procrastinate_jobs "
                "where lock = :lock and status = 'todo'"
            ),
            {"lock": str(request_id)},
        )
    return round(float(seconds) / 5) * 5.0


@pytest.mark.parametrize(("language", "word"), [("en", "Please call"), ("zh", "请立即致电")])
async def test_a_final_failure_is_a_ticket_and_a_message_with_the_number_to_call_once(
    desk: Desk, worker: Worker, system: CoreBanking, language: str, word: str
) -> None:
    holder = await new_holder(desk, language=language)
    system.always = Answer(409, {"code": "card_closed"})
    await holder.block()
    await work_off(worker)
    assert await holder.shows() == ("active", "block_failed")
    for _ in range(2):
        await open_card_failures.run(worker.context)
        await notify_card_failures.run(worker.context)
    async with desk.database.transaction() as session:
        tickets = await session.scalars(
            select(Ticket).where(Ticket.customer_id == holder.customer.id)
        )
        ticket = tickets.one()
        notes = await session.scalars(
            select(TicketComment).where(TicketComment.ticket_id == ticket.id)
        )
        note = notes.one()
        messages = await session.scalars(
            select(Message).where(Message.conversation_id == holder.conversation.id)
        )
        message = messages.one()
    assert (ticket.queue, ticket.priority, ticket.conversation_id) == (
        "cards",
        "urgent",
        holder.conversation.id,
    )
    assert "card_closed" in note.text
    assert (note.visibility, "card_closed" in ticket.description) == ("internal", False)
    for told in (ticket.description, message.text):
        assert word in told
        assert PHONE in told
        assert "4411" in told
    assert [action["type"] for action in message.actions] == ["card.block_failed"]


async def test_after_a_failure_it_can_be_asked_for_again(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    system.always = Answer(404, {"code": "card_unknown"})
    await holder.block()
    await work_off(worker)
    system.always = None
    assert (await holder.block()).outcome == "requested"
    assert await holder.shows() == ("blocked", "block_pending")
    await notify_card_failures.run(worker.context)
    await work_off(worker)
    assert await holder.shows() == ("blocked", None)
    assert await holder.requests() == [("block", "refused"), ("block", "confirmed")]
    async with desk.database.transaction() as session:
        told = select(func.count(Message.id)).where(
            Message.conversation_id == holder.conversation.id
        )
        assert await session.scalar(told) == 0


async def test_a_block_that_was_not_sent_is_taken_back_at_once(
    worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    await holder.block()
    assert (await holder.unblock()).outcome == "done"
    assert await holder.shows() == ("active", None)
    await work_off(worker)
    assert system.received == []
    assert await holder.requests() == [("block", "superseded")]
    assert [action for action, _ in await holder.audited()] == ["card.blocked", "card.unblocked"]


async def test_a_block_with_an_unclear_answer_is_undone_by_an_order(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    system.lose = 3
    await holder.block()
    await work_off(worker)
    assert (await holder.unblock()).outcome == "requested"
    assert await holder.shows() == ("blocked", "unblock_pending")
    await make_due(desk)
    await work_off(worker)
    reference = await holder.reference()
    assert [action for _, action, _ in system.effects] == ["block", "unblock"]
    assert system.blocked == {reference: False}
    assert await holder.shows() == ("active", None)
    assert await holder.requests() == [("block", "superseded"), ("unblock", "confirmed")]


async def test_a_new_block_stops_an_unblock_that_is_on_its_way(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    await holder.block()
    await work_off(worker)
    system.always = BUSY
    await holder.unblock()
    await work_off(worker)
    system.always = None
    assert (await holder.block()).outcome == "requested"
    await make_due(desk)
    await work_off(worker)
    assert system.blocked == {await holder.reference(): True}
    assert await holder.shows() == ("blocked", None)
    assert [state for _, state in await holder.requests()] == [
        "confirmed",
        "superseded",
        "confirmed",
    ]


async def test_a_card_that_was_not_unblocked_stays_blocked_and_is_a_ticket(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    await holder.block()
    await work_off(worker)
    system.always = Answer(409, {"code": "blocked_by_bank"})
    await holder.unblock()
    await work_off(worker)
    assert await holder.shows() == ("blocked", "unblock_failed")
    await open_card_failures.run(worker.context)
    async with desk.database.transaction() as session:
        tickets = select(Ticket).where(Ticket.customer_id == holder.customer.id)
        ticket = (await session.scalars(tickets)).one()
    assert (ticket.queue, ticket.priority) == ("cards", "high")
    assert PHONE not in ticket.description


async def test_who_may_unblock(desk: Desk, worker: Worker, holder: Holder) -> None:
    await holder.block()
    await work_off(worker)
    assert await refusal(holder, holder.speaker(second_factor=False)) == (
        "card.unblock_second_factor"
    )
    application = Application(uuid4(), "app", frozenset({"customers:read", "tickets:write"}))
    assert await refusal(holder, application) == "auth.permission_missing"
    assert await refusal(holder, await desk.staff("knowledge_manager")) == "auth.permission_missing"
    other = await new_holder(desk)
    with pytest.raises(NotFound):
        await holder.unblock(other.speaker())
    with pytest.raises(NotFound):
        await holder.block(other.speaker())
    await requested(desk, holder, utc_now() - timedelta(hours=25))
    assert await refusal(holder, holder.speaker()) == "card.unblock_agent"
    assert await holder.shows() == ("blocked", None)
    assert (await holder.unblock(await desk.staff("agent"))).outcome == "requested"
    await work_off(worker)
    assert await holder.shows() == ("active", None)
    assert (await holder.unblock(holder.speaker(second_factor=False))).outcome == "done"


async def test_a_customer_does_not_lift_what_staff_or_the_bank_blocked(
    desk: Desk, worker: Worker, holder: Holder
) -> None:
    await holder.block(await desk.staff("agent"))
    await work_off(worker)
    assert await refusal(holder, holder.speaker()) == "card.unblock_agent"
    by_bank = await new_holder(desk)
    async with desk.database.transaction() as session:
        (await by_bank.card(session)).state = "blocked"
    assert await refusal(by_bank, by_bank.speaker()) == "card.unblock_agent"
    assert (await by_bank.block()).outcome == "done"


async def test_an_expired_card_is_left_alone(desk: Desk, holder: Holder) -> None:
    async with desk.database.transaction() as session:
        (await holder.card(session)).state = "expired"
    for ask in (holder.block, holder.unblock):
        with pytest.raises(Conflict):
            await ask()


async def refusal(holder: Holder, caller: Caller) -> str | None:
    """Why a caller may not unblock; for a customer the same is said beforehand."""
    with pytest.raises(NotAllowed) as refused:
        await holder.unblock(caller)
    if isinstance(caller, Participant):
        async with holder.desk.database.transaction() as session:
            said = await why_not_unblocked(session, caller, await holder.card(session))
        assert said == refused.value.text
    return refused.value.text.code


async def requested(desk: Desk, holder: Holder, when: datetime) -> None:
    """Let a card's requests have been made at another time."""
    async with desk.database.transaction() as session:
        card = await holder.card(session)
        await session.execute(
            update(CardRequest).where(CardRequest.card_id == card.id).values(requested_at=when)
        )


async def test_an_answer_never_waits_in_a_circle_with_a_turn(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    """A turn holds the audit chain and comes to the card while its request is concluded."""
    await holder.block()
    taken = asyncio.Event()
    system.on_effect = partial(asyncio.get_running_loop().call_soon_threadsafe, taken.set)
    async with desk.database.transaction() as session:
        await hold_chain(session)
        working = asyncio.create_task(work_off(worker))
        await taken.wait()
        change = await block_card(session, holder.speaker(), await holder.card(session))
        assert change.outcome == "requested"
    await working
    assert await holder.shows() == ("blocked", None)
    async with desk.database.transaction() as session:
        assert (await verify(session))[1] is None


async def test_a_card_that_a_turn_holds_is_concluded_soon_after(
    desk: Desk, worker: Worker, system: CoreBanking, holder: Holder
) -> None:
    await holder.block()
    async with desk.database.transaction() as session:
        await session.execute(
            select(Card).where(Card.customer_id == holder.customer.id).with_for_update()
        )
        await work_off(worker)
    assert await holder.shows() == ("blocked", "block_pending")
    await make_due(desk)
    await work_off(worker)
    assert await holder.shows() == ("blocked", None)
    assert len(system.effects) == 1


class Drop:
    """A source with one card, delivered as often as wanted."""

    def __init__(self, desk: Desk, folder: Path, admin: Caller) -> None:
        self.desk, self.folder, self.admin = desk, folder, admin
        number = uuid4().hex[:6]
        self.code = f"core-{number}"
        # Nobody else's, so that no other person of the tests is compared with this one.
        self.born = date(1920, 1, 1) + timedelta(days=int(number, 16) % 30_000)
        self.rows = 0

    async def deliver(self, state: str, as_of: datetime | None, **values: str) -> None:
        """Load the card in a state, true at a time, or without one."""
        self.rows += 1
        folder = self.folder / self.code
        folder.mkdir(exist_ok=True)
        person = {
            "key": "p",
            "name": f"Dora {self.code}",
            "birth_date": self.born.isoformat(),
            "document_type": "passport",
            "document_number": self.code.upper(),
        }
        account = {
            "key": "a",
            "person": "p",
            "iban": f"DE{self.code}",
            "kind": "current",
            "currency": "EUR",
            "balance": f"{self.rows}.00",
            "opened_on": "2020-01-01",
        }
        card = {
            "key": "K 1/2",
            "person": "p",
            "account": "a",
            "kind": "debit",
            "last_four": "7788",
            "state": state,
            "expires_on": "2030-01-01",
        } | values
        if as_of:
            card["as_of"] = as_of.isoformat()
        for name, row in (("person", person), ("account", account), ("card", card)):
            (folder / f"{name}.jsonl").write_text(json.dumps(row), encoding="utf-8")
        settings = Settings(source_folder=self.folder, var_dir=self.folder)
        now = utc_now()
        async with self.desk.database.transaction() as session:
            if await session.get(Source, self.code) is None:
                await loading.put_source(
                    session,
                    self.admin,
                    self.code,
                    "core_banking",
                    {"type": "file", "folder": self.code},
                    60,
                    None,
                    now,
                )
            begun = await loading.begin_load(session, self.admin, self.code, now)
        loaded = await loading.run_load(self.desk.database, settings, begun.id, now)
        assert (loaded.state, loaded.refused) == ("done", 0)

    async def holder(self) -> Holder:
        """The customer that the source's person became, in a conversation."""
        async with self.desk.database.transaction() as session:
            rows = select(SourceRecord).where(
                SourceRecord.source == self.code, SourceRecord.type == "person"
            )
            person = (await session.scalars(rows)).one()
            customer = await session.get_one(Customer, person.customer_id)
            conversation = Conversation(channel="web", language="en", customer_id=customer.id)
            session.add(conversation)
        return Holder(self.desk, customer, conversation)


@pytest.fixture
async def source(desk: Desk, tmp_path: Path) -> Drop:
    return Drop(desk, tmp_path, await desk.staff("admin"))


@pytest.mark.parametrize("dated", [True, False])
async def test_a_load_never_overrides_a_block_with_an_older_state(
    worker: Worker, system: CoreBanking, source: Drop, dated: bool
) -> None:
    before = utc_now() - timedelta(hours=2) if dated else None
    await source.deliver("active", before)
    holder = await source.holder()
    await holder.block()
    later = before + timedelta(hours=1) if before else None
    await source.deliver("active", later, expires_on="2031-01-01")
    assert await holder.shows() == ("blocked", "block_pending")
    await work_off(worker)
    assert system.effects[0][:2] == ("K 1/2", "block")
    await source.deliver("active", later, expires_on="2032-01-01")
    assert await holder.shows() == ("blocked", None)
    assert await holder.requests() == [("block", "confirmed")]
    async with holder.desk.database.transaction() as session:
        assert (await holder.card(session)).expires_on.year == 2032


async def test_a_newer_state_of_a_source_counts_even_if_it_says_the_same_as_before(
    worker: Worker, source: Drop
) -> None:
    await source.deliver("active", utc_now() - timedelta(hours=2))
    holder = await source.holder()
    await holder.block()
    await work_off(worker)
    await source.deliver("active", utc_now() + timedelta(minutes=1))
    assert await holder.shows() == ("active", None)
    assert await holder.requests() == [("block", "superseded")]
    await source.deliver("blocked", utc_now() + timedelta(minutes=2))
    assert await refusal(holder, holder.speaker()) == "card.unblock_agent"


async def test_an_undated_state_counts_once_the_source_has_shown_the_block(
    worker: Worker, source: Drop
) -> None:
    await source.deliver("active", None)
    holder = await source.holder()
    await holder.block()
    await work_off(worker)
    await source.deliver("blocked", None)
    assert await holder.shows() == ("blocked", None)
    await source.deliver("active", None)
    assert await holder.shows() == ("active", None)


async def test_an_older_block_of_a_source_does_not_override_an_unblock(
    worker: Worker, source: Drop
) -> None:
    await source.deliver("blocked", utc_now() - timedelta(hours=2))
    holder = await source.holder()
    await holder.unblock(System("test"))
    await source.deliver("blocked", utc_now() - timedelta(hours=1), expires_on="2031-01-01")
    assert await holder.shows() == ("blocked", "unblock_pending")
    await work_off(worker)
    await source.deliver("blocked", utc_now() - timedelta(minutes=30), expires_on="2032-01-01")
    assert await holder.shows() == ("active", None)
    await source.deliver("expired", None)
    assert await holder.shows() == ("expired", None)


async def test_staff_block_and_unblock_a_card_of_the_served_bank(bank: Bank) -> None:
    agent = bank.staff("agent")
    customer, other = (one["id"] for one in bank.demo["customers"][:2])
    cards = bank.get(f"/v1/customers/{customer}/profile", agent)["cards"]["items"]
    card = next(one for one in cards if one["state"] == "active")
    path = f"/v1/customers/{customer}/cards/{card['id']}"
    assert bank.get(path, agent)["request"] is None
    blocked = bank.post(f"{path}/block", {"reason": "lost at the branch"}, agent, 202)
    assert (blocked["outcome"], blocked["card"]["state"]) == ("requested", "blocked")
    shown = await confirmed(bank, path)
    assert (shown["state"], shown["control"]) == ("blocked", None)
    assert shown["request"]["reason"] == "lost at the branch"
    assert bank.post(f"{path}/block", {}, agent, 200)["outcome"] == "done"
    assert bank.post(f"{path}/unblock", None, agent, 202)["card"]["control"] == "unblock_pending"
    assert (await confirmed(bank, path))["state"] == "active"
    bank.post(f"/v1/customers/{other}/cards/{card['id']}/block", {}, agent, 404)
    bank.post(f"{path}/block", {"why": "no such field"}, agent, 422)
    bank.post(f"{path}/block", {}, bank.staff("knowledge_manager"), 403)
    bank.post(f"{path}/block", {}, None, 401)
    assert bank.get(path, agent)["state"] == "active"


async def confirmed(bank: Bank, path: str) -> dict[str, Any]:
    """The card, as soon as its last request is confirmed."""
    for _ in range(WAIT_S * 10):
        card: dict[str, Any] = bank.get(path, bank.staff("agent"))
        if card["request"]["state"] == "confirmed":
            return card
        await asyncio.sleep(0.1)
    pytest.fail(f"not confirmed after {WAIT_S} s")
