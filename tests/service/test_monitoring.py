"""Rules over transactions: what each finds and leaves, the same by night and as bookings arrive, and cases by four eyes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from actions.compliance.models import Alert
from actions.compliance.monitoring import service
from actions.compliance.monitoring.models import ComplianceCase
from actions.compliance.monitoring.rules import Parameters
from actions.compliance.queries import count_open_alerts
from actions.customers.models import Account, Customer, Loan, Transaction
from actions.tickets.models import Ticket
from core.errors import Conflict, NotAllowed
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

NOW = at(20)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("money")) as made:
        yield made


async def account_with(
    desk: Desk, *bookings: tuple[float, float, str], country: str | None = None
) -> Account:
    """An account with bookings: hours before now, amount, payee; and a quiet one long ago of each payee but the new ones."""
    customer = await desk.customer()
    async with desk.database.transaction() as session:
        account = (
            await session.scalars(select(Account).where(Account.customer_id == customer.id))
        ).one()
        session.add_all(
            Transaction(
                account_id=account.id,
                booked_at=NOW - timedelta(hours=hours),
                amount=Decimal(str(amount)),
                currency="EUR",
                counterparty=payee,
                country=country,
                category="other",
            )
            for hours, amount, payee in [*bookings, (24 * 60, -1, "old friend")]
        )
        return account


async def rules_at(desk: Desk, account: Account, parameters: Parameters | None = None) -> list[str]:
    async with desk.database.transaction() as session:
        found = await service.hits(
            session, parameters or Parameters(), NOW - timedelta(days=30), NOW, account.id
        )
        return [hit.rule for hit in found]


@pytest.mark.parametrize(
    ("bookings", "expected"),
    [
        ([(50, 9_000, "a"), (40, 9_500, "a"), (30, 8_000, "a")], ["structuring"]),
        ([(50, 9_000, "a"), (40, 9_500, "a"), (30, 10_000, "a")], []),
        ([(500, 9_000, "a"), (40, 9_500, "a"), (30, 8_000, "a")], []),
        ([(50, 9_000, "a"), (40, 9_500, "a"), (30, 8_000, "a"), (20, 8_100, "a")], ["structuring"]),
        ([(40, 9_500, "a"), (40, 9_500, "b"), (40, 9_500, "c")], ["structuring"]),
        ([(n / 2, -5, "shop") for n in range(25)], ["velocity"]),
        ([(n / 2, -5, "shop") for n in range(24)], []),
        (
            [(20, 8_500, "x"), (10, -4_000, "old friend"), (5, -3_900, "old friend")],
            ["rapid_in_out"],
        ),
        ([(20, 8_500, "x"), (10, -4_000, "old friend")], []),
        ([(200, 8_500, "x"), (5, -4_900, "old friend"), (4, -4_900, "old friend")], []),
        ([(n, -2_000, "old friend") for n in (9, 7, 5, 3)], ["round_sums"]),
        ([(n, -2_001, "old friend") for n in (9, 7, 5, 3)], []),
        ([(9, -6_000, "somebody new")], ["new_payee_large"]),
        ([(9, -6_000, "old friend")], []),
        ([(9, -4_999, "somebody new")], []),
    ],
)
async def test_each_rule_speaks_once_where_its_limit_is_crossed(
    desk: Desk, bookings: list[tuple[float, float, str]], expected: list[str]
) -> None:
    assert await rules_at(desk, await account_with(desk, *bookings)) == expected


async def test_silence_countries_and_rules_that_are_off(desk: Desk) -> None:
    quiet = await account_with(desk, (1, -2_500, "old friend"))
    assert await rules_at(desk, quiet) == []
    assert await rules_at(desk, quiet, Parameters(dormant_days=50)) == ["dormant_active"]
    abroad = await account_with(desk, (1, -600, "old friend"), country="KP")
    assert await rules_at(desk, abroad) == ["high_risk_country"]
    assert await rules_at(desk, abroad, Parameters(off=["high_risk_country"])) == []


async def loan(desk: Desk, customer: Customer, instalment: int, due: date) -> None:
    async with desk.database.transaction() as session:
        session.add(
            Loan(
                customer_id=customer.id,
                kind="personal",
                currency="EUR",
                principal=Decimal(9_000),
                outstanding=Decimal(5_000),
                rate_percent=Decimal(5),
                instalment=Decimal(instalment),
                next_due_on=due,
                ends_on=date(2030, 1, 1),
            )
        )


@pytest.mark.parametrize(
    ("loans", "expected"),
    [
        ([(1_400, 10)], ["over_indebted"]),
        ([(1_300, 10)], []),
        ([(700, 10), (700, 10)], ["over_indebted"]),
        ([(100, -31), (100, 10), (100, 5)], ["cross_default", "cross_default"]),
        ([(100, -29), (100, 10)], []),
        ([(100, -31)], []),
    ],
)
async def test_loans_warn_early(
    desk: Desk, loans: list[tuple[int, int]], expected: list[str]
) -> None:
    customer = await desk.customer(monthly_income=Decimal(3_000))
    for instalment, days in loans:
        await loan(desk, customer, instalment, NOW.date() + timedelta(days=days))
    async with desk.database.transaction() as session:
        found = await service.loan_warnings(session, Parameters(), NOW, customer.id)
        everybody = await service.loan_warnings(session, Parameters(), NOW)
    assert [hit.rule for hit in found] == expected
    assert [hit for hit in everybody if hit.customer_id == customer.id] == found


async def test_a_warning_about_loans_goes_to_lending_and_stops_no_sale(desk: Desk) -> None:
    customer = await desk.customer(monthly_income=Decimal(1_000))
    await loan(desk, customer, 900, NOW.date())
    async with desk.database.transaction() as session:
        account = (
            await session.scalars(select(Account).where(Account.customer_id == customer.id))
        ).one()
    assert (await judge(desk, account), await judge(desk, account)) == (1, 0)
    async with desk.database.transaction() as session:
        (alert,) = await session.scalars(select(Alert).where(Alert.customer_id == customer.id))
        ticket = (
            await session.scalars(
                select(Ticket).where(Ticket.reference == alert.evidence["ticket"])
            )
        ).one()
        assert (alert.kind, alert.case_id, ticket.queue, ticket.customer_id) == (
            "loan.over_indebted",
            None,
            "lending",
            None,
        )
        assert await count_open_alerts(session, customer.id) == 0


@pytest.mark.full
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 5, 9, 30, 47, 49, 100, 160]),
            st.sampled_from([9_000, -9_000, 8_500, -2_000, -500, 12_000]),
            st.sampled_from("abc"),
        ),
        min_size=1,
        max_size=12,
    )
)
async def test_a_stream_finds_what_the_night_finds(
    desk: Desk, bookings: list[tuple[float, float, str]]
) -> None:
    account = await account_with(desk, *bookings)
    night = await rules_at(desk, account)
    streamed: list[str] = []
    moments = sorted({NOW - timedelta(hours=hours) for hours, _, _ in bookings})
    async with desk.database.transaction() as session:
        before = NOW - timedelta(days=30)
        for moment in moments:
            found = await service.hits(session, Parameters(), before, moment, account.id)
            streamed += [hit.rule for hit in found]
            before = moment
    assert sorted(streamed) == sorted(night)


async def alerts_of(desk: Desk, customer_id: object) -> list[Alert]:
    async with desk.database.transaction() as session:
        return list(await session.scalars(select(Alert).where(Alert.customer_id == customer_id)))


async def judge(desk: Desk, account: Account, now: datetime = NOW) -> int:
    async with desk.database.transaction() as session:
        return len(await service.judge_account(session, account.id, NOW - timedelta(days=30), now))


async def test_alerts_of_a_customer_are_one_case_that_two_people_close(desk: Desk) -> None:
    officer, second = await desk.staff("compliance_officer"), await desk.staff("compliance_officer")
    account = await account_with(desk, (9, -6_000, "somebody new"), (8, -2_000, "old friend"))
    assert (await judge(desk, account), await judge(desk, account)) == (1, 0)
    async with desk.database.transaction() as session:
        case = (
            await session.scalars(
                select(ComplianceCase).where(ComplianceCase.customer_id == account.customer_id)
            )
        ).one()
        ticket = (
            await session.scalars(select(Ticket).where(Ticket.reference == case.ticket))
        ).one()
        assert (ticket.queue, ticket.customer_id) == ("compliance", None)
        with pytest.raises(Conflict, match="propose it first"):
            await service.conclude(
                session, officer, case, approve=True, reason="looked at it", now=NOW
            )
        await service.propose(
            session, officer, case, "report", "money left for a payee nobody knows"
        )
        with pytest.raises(Conflict, match="four eyes"):
            await service.conclude(
                session, officer, case, approve=True, reason="looked at it", now=NOW
            )
        customer = await session.get_one(Customer, account.customer_id)
        assert all(
            word in (case.draft or "")
            for word in (customer.name, "-6000", "new payee large", "nobody knows")
        )
        await service.conclude(
            session, second, case, approve=True, reason="I agree with it", now=NOW
        )
    assert [alert.state for alert in await alerts_of(desk, account.customer_id)] == ["reported"]
    async with desk.database.transaction() as session:
        session.add(
            Transaction(
                account_id=account.id,
                booked_at=NOW,
                amount=Decimal(-7_000),
                currency="EUR",
                counterparty="another",
                category="other",
            )
        )
    assert await judge(desk, account) == 1
    async with desk.database.transaction() as session:
        count = select(func.count()).where(ComplianceCase.customer_id == account.customer_id)
        assert await session.scalar(count) == 2
        with pytest.raises(NotAllowed):
            service.visible_cases(await desk.staff("agent"))


async def test_the_night_judges_everybody_once_a_day_and_new_limits_are_tried_first(
    desk: Desk,
) -> None:
    officer = await desk.staff("compliance_officer")
    account = await account_with(desk, (9, -6_000, "somebody new"))
    async with desk.database.transaction() as session:
        await session.execute(delete(service.MonitoringRun))
        tried = await service.try_parameters(
            session, officer, Parameters(payee_amount=7_000), NOW - timedelta(days=30), NOW
        )
        usual = await service.try_parameters(
            session, officer, Parameters(), NOW - timedelta(days=30), NOW
        )
        assert tried.get("new_payee_large", 0) < usual["new_payee_large"]
        assert await service.judge_everybody(session, NOW)
        assert await service.judge_everybody(session, NOW + timedelta(hours=1)) is None
        assert await service.judge_everybody(session, NOW + timedelta(hours=25)) is not None
    assert [alert.kind for alert in await alerts_of(desk, account.customer_id)] == [
        "monitoring.new_payee_large"
    ]


def test_limits_and_cases_over_rest(bank: Bank) -> None:
    officer, agent = bank.staff("compliance_officer"), bank.staff("agent")
    now = bank.get("/v1/compliance/monitoring/parameters", officer)
    problem = bank.post("/v1/compliance/monitoring/trials", {"velocity_count": 1}, officer, 422)
    assert problem["errors"][0]["field"] == "velocity_count"
    bank.post("/v1/compliance/monitoring/trials", {}, agent, 403)
    assert isinstance(
        bank.post("/v1/compliance/monitoring/trials?days=90", {"velocity_count": 5}, officer), dict
    )
    bank.get("/v1/compliance/cases", agent, 403)
    assert bank.get("/v1/compliance/cases", officer)["items"] == []
    assert now["version"] == 0
