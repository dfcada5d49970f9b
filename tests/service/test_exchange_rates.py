"""Amounts in other currencies count by the last rate not after the day: in scores, checks, advice, redress and the forecast."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from actions.compliance import service as compliance
from actions.compliance.schemas import CheckRequest
from actions.compliance.screening import WatchlistIndex
from actions.customers.figures import figures_of
from actions.customers.models import Account, Customer, Transaction
from actions.customers.queries import categories_of
from actions.marketing import leads
from actions.marketing.schemas import LeadNew
from core.errors import Invalid, NotAllowed
from core.exchange_rates import convert, set_rates
from core.identity import Staff, System
from core.money import Money, NoExchangeRate
from tests.tickets import Desk, opened_desk

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LOADER = System("rates", frozenset({"rates:manage"}))


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("rates")) as made:
        async with made.database.transaction() as session:
            await set_rates(session, LOADER, date(2026, 1, 1), {"USD": Decimal(2)})
            await set_rates(session, LOADER, date(2026, 11, 1), {"USD": Decimal(1)})
            await set_rates(
                session, LOADER, date(2026, 11, 1), {"USD": Decimal("1.25"), "JPY": Decimal(160)}
            )
        yield made


@pytest.mark.parametrize(
    ("on", "euros"), [(date(2026, 1, 1), 50), (date(2026, 10, 31), 50), (date(2026, 11, 24), 80)]
)
async def test_the_last_rate_not_after_the_day_counts(desk: Desk, on: date, euros: int) -> None:
    async with desk.database.transaction() as session:
        converted = await convert(session, Money(Decimal(100), "USD"), "EUR", on)
    assert converted == Money(Decimal(euros), "EUR")


async def test_before_the_first_rate_nothing_is_converted(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        with pytest.raises(NoExchangeRate, match="USD on or before 31 Dec 2025"):
            await convert(session, Money(Decimal(1), "USD"), "EUR", date(2025, 12, 31))


async def test_rates_are_written_by_supervisors_and_never_of_the_base_currency(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        with pytest.raises(NotAllowed):
            await set_rates(session, await desk.staff(), NOW.date(), {"USD": Decimal(1)})
        with pytest.raises(Invalid, match="leave it out"):
            await set_rates(session, LOADER, NOW.date(), {"EUR": Decimal(1)})


async def abroad(desk: Desk, currency: str) -> Customer:
    """A customer with 1,000 of a currency, of which 100 were spent in October."""
    customer = await desk.customer()
    async with desk.database.transaction() as session:
        account = update(Account).where(Account.customer_id == customer.id)
        await session.execute(account.values(currency=currency, balance=Decimal(1000)))
        key = await session.scalar(select(Account.id).where(Account.customer_id == customer.id))
        session.add(
            Transaction(
                account_id=key,
                booked_at=datetime(2026, 10, 20, tzinfo=UTC),
                amount=Decimal(-100),
                currency=currency,
                counterparty="Shop",
                category="travel",
            )
        )
    return customer


async def test_a_score_values_balances_today_and_bookings_on_their_day(desk: Desk) -> None:
    customer = await abroad(desk, "USD")
    async with desk.database.transaction() as session:
        figures = (await figures_of(session, [customer.id], NOW))[customer.id]
        spent = await categories_of(session, customer, datetime(2026, 10, 1, tzinfo=UTC))
    assert figures.balances == Decimal(800)
    assert (figures.went, figures.spending) == (Decimal(50), {"travel": Decimal(50)})
    assert spent == [("travel", 1, Decimal(-50))]


async def test_a_score_says_which_rate_is_missing(desk: Desk) -> None:
    customer = await abroad(desk, "GBP")
    async with desk.database.transaction() as session:
        with pytest.raises(NoExchangeRate, match="GBP on or before"):
            await figures_of(session, [customer.id], NOW)


@pytest.mark.parametrize(
    ("amount", "currency", "decision"),
    [("12000", "JPY", "allow"), ("12000", "USD", "allow"), ("12500", "USD", "review")],
)
async def test_the_threshold_of_a_check_is_in_the_base_currency(
    desk: Desk, amount: str, currency: str, decision: str
) -> None:
    agent, customer = await desk.staff(), await desk.customer()
    wanted = CheckRequest.model_validate(
        {
            "customer_id": customer.id,
            "purpose": "transaction",
            "amount": {"amount": amount, "currency": currency},
        }
    )
    async with desk.database.transaction() as session:
        made = await compliance.check(session, agent, WatchlistIndex(), wanted, NOW)
    assert made.decision == decision


async def test_a_forecast_sums_leads_of_all_currencies(desk: Desk) -> None:
    agent, customer = await desk.staff("supervisor"), await desk.customer()
    async with desk.database.transaction() as session:
        before = await _open(session, agent)
        for amount, currency in (("1000", "EUR"), ("500", "USD"), ("16000", "JPY")):
            new = {
                "customer_id": customer.id,
                "subject": "Savings",
                "amount": {"amount": amount, "currency": currency},
            }
            lead = await leads.open_lead(session, agent, LeadNew.model_validate(new), "staff", NOW)
            assert (lead.amount, lead.currency) == (Decimal(amount), currency)
        after = await _open(session, agent)
    assert after - before == Money(Decimal(1000 + 400 + 100), "EUR")


async def _open(session: Any, agent: Staff) -> Money:
    lines = await leads.forecast(session, agent, None, NOW)
    return next(line.amount for line in lines if line.stage == "new")
