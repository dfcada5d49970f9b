"""The figures of customers as one statement, for one or for many: what the portrait's formulas read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.insights import Figures

LOOKED_BACK = timedelta(days=365)
# Bookings are read by account and time, as their index has them; one pass for all windows.
STATEMENT = text("""
with who as (select id, birth_date, monthly_income, coalesce((consents->>'profiling')::boolean, false) as may_profile
    from customers where id = any(:ids)),
own as (select customer_id, count(*) as accounts, sum(balance) as balances from accounts where customer_id = any(:ids) group by 1),
booked as (
    select a.customer_id, max(t.booked_at) as last_booking,
        sum(t.amount) filter (where t.amount > 0 and t.booked_at > :now - interval '90 days') as came,
        -sum(t.amount) filter (where t.amount < 0 and t.booked_at > :now - interval '90 days') as went,
        sum(t.amount) filter (where t.amount > 0 and t.booked_at <= :now - interval '90 days'
            and t.booked_at > :now - interval '180 days') as came_before,
        -sum(t.amount) filter (where t.amount < 0 and t.booked_at <= :now - interval '90 days'
            and t.booked_at > :now - interval '180 days') as went_before,
        sum(t.amount) filter (where t.category = 'salary' and t.booked_at > :now - interval '45 days') as salary,
        sum(t.amount) filter (where t.category = 'salary' and t.booked_at <= :now - interval '45 days'
            and t.booked_at > :now - interval '135 days') as salary_before
    from accounts a join transactions t on t.account_id = a.id
    where a.customer_id = any(:ids) and t.booked_at > :since and t.booked_at <= :now group by 1),
spent as (
    select customer_id, jsonb_object_agg(category, amount) as spending from (
        select a.customer_id, t.category, -sum(t.amount) as amount from accounts a join transactions t on t.account_id = a.id
        where a.customer_id = any(:ids) and t.amount < 0 and t.booked_at > :now - interval '180 days' and t.booked_at <= :now
        group by 1, 2) as by_category group by 1),
held as (
    select customer_id, jsonb_object_agg(kind, value) as holdings from (
        select h.customer_id, p.kind, sum(h.value) as value from holdings h join products p on p.id = h.product_id
        where h.customer_id = any(:ids) group by 1, 2) as by_kind group by 1),
owed as (select customer_id, count(*) as loan_count, sum(outstanding) as loans,
    sum(outstanding) filter (where next_due_on < :today) as overdue from loans where customer_id = any(:ids) group by 1),
carried as (select customer_id, count(*) as cards from cards where customer_id = any(:ids) and state = 'active' group by 1),
asked as (select customer_id, count(*) filter (where created_at > :since) as tickets,
    count(*) filter (where kind = 'complaint' and state in ('new', 'open', 'waiting_customer', 'waiting_internal')) as open_complaints,
    avg(satisfaction) filter (where created_at > :since) as satisfaction
    from tickets where customer_id = any(:ids) and kind <> 'compliance_alert' group by 1)
select who.id, birth_date, monthly_income, may_profile, coalesce(balances, 0), coalesce(accounts, 0), coalesce(cards, 0),
    coalesce(holdings, '{}'), coalesce(loans, 0), coalesce(overdue, 0), coalesce(loan_count, 0), coalesce(came, 0), coalesce(went, 0),
    coalesce(came_before, 0), coalesce(went_before, 0), coalesce(salary, 0), coalesce(salary_before, 0), last_booking,
    coalesce(spending, '{}'), coalesce(tickets, 0), coalesce(open_complaints, 0), satisfaction
from who left join own on own.customer_id = who.id left join booked on booked.customer_id = who.id
    left join spent on spent.customer_id = who.id left join held on held.customer_id = who.id
    left join owed on owed.customer_id = who.id left join carried on carried.customer_id = who.id
    left join asked on asked.customer_id = who.id
""")


async def figures_of(
    session: AsyncSession, ids: Sequence[UUID], now: datetime
) -> dict[UUID, Figures]:
    """The figures of these customers as of now."""
    rows = await session.execute(
        STATEMENT, {"ids": list(ids), "now": now, "since": now - LOOKED_BACK, "today": now.date()}
    )
    return {row[0]: _figures(*row[1:]) for row in rows}


def _figures(*row: object) -> Figures:
    """A row as the statement's last list has it."""
    values = list(row)
    holdings, spending, satisfaction = values[6], values[17], values[20]
    values[6] = {kind: Decimal(str(value)) for kind, value in holdings.items()}  # type: ignore[attr-defined]
    values[17] = {name: Decimal(str(value)) for name, value in spending.items()}  # type: ignore[attr-defined]
    values[20] = float(satisfaction) if satisfaction is not None else None  # type: ignore[arg-type]
    return Figures(*values)  # type: ignore[arg-type]
