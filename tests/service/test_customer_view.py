"""One view of the customer: who sees what and why, a long history at the same cost, consents, lists. A real database and service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customer_view.profile import profile
from actions.customers import queries, relations
from actions.customers.access import AccessPurpose
from actions.customers.figures import figures_of
from actions.customers.lists import draw_portraits
from actions.customers.models import (
    Account,
    ConsentChange,
    Customer,
    LifeEvent,
    PortraitRow,
    Transaction,
)
from assistant.conversations.queries import recent_of
from core.audit import AuditEntry
from core.errors import Invalid, NotAllowed
from core.identity import System
from tests.bank import Bank, checked
from tests.tickets import Desk, at, opened_desk

NOW = at(20)
MAX_STATEMENTS = 12


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("view")) as made:
        yield made


async def with_bookings(desk: Desk, count: int, **given: Any) -> Customer:
    """A customer with so many bookings, a salary every thirty days among them."""
    customer = await desk.customer(**given)
    async with desk.database.transaction() as session:
        account = (
            await session.scalars(select(Account).where(Account.customer_id == customer.id))
        ).one()
        session.add_all(
            Transaction(
                account_id=account.id,
                booked_at=NOW - timedelta(hours=6 * n + 1),
                currency="EUR",
                amount=Decimal(3_000) if n % 120 == 0 else -Decimal(5 + n % 7),
                counterparty=f"Shop {n % 9}",
                category="salary" if n % 120 == 0 else ("groceries", "travel")[n % 2],
            )
            for n in range(count)
        )
    return customer


@contextmanager
def counted(session: AsyncSession) -> Iterator[list[str]]:
    """Statements that a session sends."""
    engine = session.get_bind()
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("bookings", [0, 10_000])
async def test_a_profile_takes_twelve_statements_whatever_its_size(
    desk: Desk, bookings: int
) -> None:
    customer = await with_bookings(desk, bookings)
    officer = await desk.staff("compliance_officer")
    async with desk.database.transaction() as session:
        with counted(session) as statements:
            found = await queries.load_customer(session, officer, customer.id)
            view = await profile(session, officer, found, NOW, recent_of)
    assert len(statements) <= MAX_STATEMENTS, "\n".join(statements)
    assert len(view.transactions.items) == min(bookings, 10)


async def test_the_newest_bookings_of_all_accounts_come_first(desk: Desk) -> None:
    customer = await with_bookings(desk, 30)
    async with desk.database.transaction() as session:
        second = Account(
            customer_id=customer.id,
            iban=f"X{customer.number}",
            kind="savings",
            currency="EUR",
            balance=Decimal(1),
            opened_on=date(2020, 1, 1),
        )
        session.add(second)
        await session.flush()
        session.add(
            Transaction(
                account_id=second.id,
                booked_at=NOW - timedelta(hours=2),
                amount=Decimal(-9),
                currency="EUR",
                counterparty="Elsewhere",
                category="other",
            )
        )
    async with desk.database.transaction() as session:
        found = await queries.transactions_of(session, customer, 3)
        narrow = queries.Bookings(category="travel", least=Decimal(8), most=Decimal(9))
        travelled = await queries.transactions_of(session, customer, 50, narrow)
    assert [t.counterparty for t in found] == ["Shop 0", "Elsewhere", "Shop 1"]
    assert {abs(t.amount) for t in travelled} <= {Decimal(8), Decimal(9)}
    assert {t.category for t in travelled} == {"travel"}


async def test_figures_are_the_sums_of_what_is_booked(desk: Desk) -> None:
    customer = await with_bookings(desk, 800, consents={"profiling": True})
    await desk.open("my card is broken", NOW - timedelta(days=3), customer_id=str(customer.id))
    async with desk.database.transaction() as session:
        found = (await figures_of(session, [customer.id], NOW))[customer.id]
        rows = await session.execute(
            text(
                "select t.amount, t.booked_at, t.category from transactions t join accounts a on a.id = t.account_id "
                "where a.customer_id = :id"
            ),
            {"id": customer.id},
        )
        booked = rows.all()
    recent = [row for row in booked if row.booked_at > NOW - timedelta(days=90)]
    assert found.came == sum(row.amount for row in recent if row.amount > 0)
    assert found.went == -sum(row.amount for row in recent if row.amount < 0)
    half = [row for row in booked if row.booked_at > NOW - timedelta(days=180) and row.amount < 0]
    assert found.spending["travel"] == -sum(row.amount for row in half if row.category == "travel")
    assert (found.accounts, found.cards, found.tickets, found.may_profile) == (1, 1, 1, True)


async def test_portraits_are_drawn_once_a_day_and_stand_on_the_lists(desk: Desk) -> None:
    rich = await desk.customer(consents={"profiling": True}, segment="private")
    supervisor = await desk.staff("supervisor")
    agent = await desk.staff("agent")
    async with desk.database.transaction() as session:
        await session.execute(
            text("update accounts set balance = 400000 where customer_id = :id"), {"id": rich.id}
        )
        await relations.set_manager(
            session, supervisor, await session.get_one(Customer, rich.id), agent.id
        )
    async with desk.database.transaction() as session:
        assert await draw_portraits(session, NOW, 1_000) > 0
        assert await draw_portraits(session, NOW + timedelta(hours=1), 1_000) == 0
        row = await session.get_one(PortraitRow, rich.id)
        assert (row.assets, row.lists[0]) == (Decimal(400_000), "high_value")
        mine = (await session.execute(queries.listed(agent, "high_value", agent.id))).all()
        assert [customer.id for _, customer in mine] == [rich.id]
        with pytest.raises(Invalid):
            await relations.set_manager(
                session, supervisor, await session.get_one(Customer, rich.id), rich.id
            )
        with pytest.raises(NotAllowed):
            await relations.set_manager(
                session, agent, await session.get_one(Customer, rich.id), agent.id
            )


async def test_a_consent_keeps_its_history_and_a_household_asks_for_it(desk: Desk) -> None:
    agent, one, other = (
        await desk.staff(),
        await desk.customer(),
        await desk.customer(consents={"household": True}),
    )
    async with desk.database.transaction() as session:
        customer = await session.get_one(Customer, one.id)
        with pytest.raises(Invalid, match="agreed"):
            await relations.set_household(session, agent, "Us", [one.id, other.id])
        await relations.set_consents(session, agent, customer, {"household": True}, "branch", NOW)
        await relations.set_consents(session, agent, customer, {"household": True}, "branch", NOW)
        household, members = await relations.set_household(session, agent, "Us", [one.id, other.id])
        assert {m.household_id for m in members} == {household.id}
        around = await queries.surroundings_of(session, customer)
        assert [m["number"] for m in around.household] == [other.number]
        await relations.set_consents(session, agent, customer, {"household": False}, "phone", NOW)
        assert customer.household_id is None
        changes = await session.scalars(
            select(ConsentChange).where(ConsentChange.customer_id == one.id)
        )
        assert [change.given for change in changes] == [True, False]


async def test_a_life_event_is_told_newest_first_and_never_of_tomorrow(desk: Desk) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    async with desk.database.transaction() as session:
        for kind, on in (("move", date(2026, 1, 5)), ("birth", date(2026, 4, 5))):
            await relations.note_life_event(session, agent, customer, kind, on, NOW)  # type: ignore[arg-type]
        with pytest.raises(Invalid):
            await relations.note_life_event(
                session, agent, customer, "move", NOW.date() + timedelta(days=1), NOW
            )
        around = await queries.surroundings_of(session, customer)
        assert [entry["kind"] for entry in around.life_events] == ["birth", "move"]
        assert (
            await session.scalar(
                select(LifeEvent.noted_by).where(LifeEvent.customer_id == customer.id)
            )
            is not None
        )


async def test_a_reason_unmasks_what_the_role_needs_and_is_kept(desk: Desk) -> None:
    customer = await with_bookings(desk, 3)
    agent, officer = await desk.staff(), await desk.staff("compliance_officer")
    why = AccessPurpose("service", "asked for the new address on the phone")
    async with desk.database.transaction() as session:
        masked = await profile(session, agent, customer, NOW, recent_of)
        shown = await profile(session, agent, customer, NOW, recent_of, why)
        other = await profile(session, officer, customer, NOW, recent_of, why)
        own = await profile(
            session, officer, customer, NOW, recent_of, AccessPurpose("compliance", "case 7 review")
        )
        reads = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject == f"customer:{customer.id}")
        )
        kept = [entry.details["reason"] for entry in reads if entry.action == "customer.read"]
    assert masked.contacts.items[0]["email"].startswith(f"{customer.email[0]}***")
    assert masked.transactions.items[0]["counterparty"] == "S*** 0***"
    assert shown.contacts.items[0] == {
        "email": customer.email,
        "phone": customer.phone,
        "address": customer.address,
    }
    assert shown.identity.items[0]["monthly_income"] is None
    assert (
        other.contacts.items[0]["email"] != customer.email
    )  # not what a compliance officer is for
    assert own.identity.items[0]["monthly_income"] is not None
    assert kept == [None, why.reason, why.reason, "case 7 review"]


async def test_nobody_outside_sees_customers(desk: Desk) -> None:
    manager = await desk.staff("knowledge_manager")
    with pytest.raises(NotAllowed):
        queries.visible_customers(manager)
    assert "merged_into IS NULL" in str(queries.visible_customers(System("test")))


def test_the_view_over_http(bank: Bank) -> None:
    agent, who = bank.staff("agent"), bank.customer(0)["id"]
    path = f"/v1/customers/{who}"
    masked = bank.get(f"{path}/profile", agent)
    shown = bank.get(f"{path}/profile?purpose=service&reason=caller+on+the+phone", agent)
    assert "***" in masked["contacts"]["items"][0]["address"]
    assert "***" not in shown["contacts"]["items"][0]["address"]
    assert set(masked["portrait"]["scores"]) == set(masked["portrait"]["formulas"])
    bank.get(f"{path}/profile?purpose=curiosity", agent, 422)
    page = bank.get(f"{path}/transactions?category=salary&limit=2", agent)
    assert [item["category"] for item in page["items"]] == ["salary", "salary"]
    older = bank.get(
        f"{path}/transactions?category=salary&limit=2&cursor={page['next_cursor']}", agent
    )
    assert older["items"][0]["booked_at"] < page["items"][1]["booked_at"]
    totals = {
        entry["category"]: entry for entry in bank.get(f"{path}/transactions/categories", agent)
    }
    assert Decimal(totals["salary"]["total"]["amount"]) > 0
    bank.get(f"{path}/transactions?least=-1", agent, 422)

    first = bank.get(f"{path}/timeline?limit=1", agent)
    assert first["items"][0]["what"]
    if first["next_cursor"]:
        second = bank.get(f"{path}/timeline?limit=1&cursor={first['next_cursor']}", agent)["items"][
            0
        ]
        assert (second["at"], second["id"]) < (first["items"][0]["at"], first["items"][0]["id"])
    bank.get(f"{path}/timeline?cursor=nonsense", agent, 422)

    changed = checked(
        bank.call("PATCH", f"{path}/consents", {"consents": {"marketing": False}}, agent), 200
    )
    assert changed["consents"]["marketing"] is False
    bank.post(
        f"{path}/life_events", {"kind": "moon_landing", "happened_on": "2026-01-01"}, agent, 422
    )
    bank.post(f"{path}/life_events", {"kind": "birth", "happened_on": "2026-01-01"}, agent, 201)
    questions = bank.get("/v1/customers/risk_questionnaire?language=zh", agent)["questions"]
    given = {question["key"]: 3 for question in questions}
    level = bank.post(f"{path}/risk_assessments", {"answers": given}, agent, 201)["level"]
    assert bank.get(path, agent)["risk_level"] == level == "C3"
    assert bank.get(f"{path}/profile", agent)["timeline"]["items"][0]["at"]
    bank.get("/v1/customers/lists/high_value", bank.staff("knowledge_manager"), 403)
    assert "items" in bank.get("/v1/customers/lists/high_value", agent)
