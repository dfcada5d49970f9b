"""The figures of customers as one statement, for one or for many: what the portrait's formulas read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.insights import Figures
from core.exchange_rates import execute_converted, in_base

LOOKED_BACK = timedelta(days=365)
# Bookings are read by account and time, as their index has them; one pass for all windows. What is there is converted by today's
# rate, a booking by that of its day.
STATEMENT = """
with who as (select id, birth_date, monthly_income, coalesce((consents->>'profiling')::boolean, false) as may_profile
    from customers where id = any(:ids)),
own as (select customer_id, count(*) as accounts, sum({balance}) as balances from accounts where customer_id = any(:ids) group by 1),
booked as (
    select a.customer_id, max(t.booked_at) as last_booking,
        sum({booked}) filter (where t.amount > 0 and t.booked_at > :now - interval '90 days') as came,
        -sum({booked}) filter (where t.amount < 0 and t.booked_at > :now - interval '90 days') as went,
        sum({booked}) filter (where t.amount > 0 and t.booked_at <= :now - interval '90 days'
            and t.booked_at > :now - interval '180 days') as came_before,
        -sum({booked}) filter (where t.amount < 0 and t.booked_at <= :now - interval '90 days'
            and t.booked_at > :now - interval '180 days') as went_before,
        sum({booked}) filter (where t.category = 'salary' and t.booked_at > :now - interval '45 days') as salary,
        sum({booked}) filter (where t.category = 'salary' and t.booked_at <= :now - interval '45 days'
            and t.booked_at > :now - interval '135 days') as salary_before
    from accounts a join transactions t on t.account_id = a.id
    where a.customer_id = any(:ids) and t.booked_at > :since and t.booked_at <= :now group by 1),
spent as (
    select customer_id, jsonb_object_agg(category, amount) as spending from (
        select a.customer_id, t.category, -sum({booked}) as amount from accounts a join transactions t on t.account_id = a.id
        where a.customer_id = any(:ids) and t.amount < 0 and t.booked_at > :now - interval '180 days' and t.booked_at <= :now
        group by 1, 2) as by_category group by 1),
held as (
    select customer_id, jsonb_object_agg(kind, value) as holdings from (
        select h.customer_id, p.kind, sum({value}) as value from holdings h join products p on p.id = h.product_id
        where h.customer_id = any(:ids) group by 1, 2) as by_kind group by 1),
owed as (select customer_id, count(*) as loan_count, sum({outstanding}) as loans,
    sum({outstanding}) filter (where next_due_on < :today) as overdue from loans where customer_id = any(:ids) group by 1),
carried as (select customer_id, count(*) as cards from cards where customer_id = any(:ids) and state = 'active' group by 1),
asked as (select customer_id, count(*) filter (where created_at > :since) as tickets,
    count(*) filter (where kind = 'complaint' and state in ('new', 'open', 'waiting_customer', 'waiting_internal')) as open_complaints,
    avg(satisfaction) filter (where created_at > :since) as satisfaction
    from tickets where customer_id = any(:ids) and kind <> 'compliance_alert' group by 1)
select who.id, birth_date as born, monthly_income, may_profile, coalesce(balances, 0) as balances, coalesce(accounts, 0) as accounts,
    coalesce(cards, 0) as cards, coalesce(holdings, '{{}}') as holdings, coalesce(loans, 0) as loans, coalesce(overdue, 0) as overdue,
    coalesce(loan_count, 0) as loan_count, coalesce(came, 0) as came, coalesce(went, 0) as went, coalesce(came_before, 0) as came_before,
    coalesce(went_before, 0) as went_before, coalesce(salary, 0) as salary, coalesce(salary_before, 0) as salary_before, last_booking,
    coalesce(spending, '{{}}') as spending, coalesce(tickets, 0) as tickets, coalesce(open_complaints, 0) as open_complaints, satisfaction
from who left join own on own.customer_id = who.id left join booked on booked.customer_id = who.id
    left join spent on spent.customer_id = who.id left join held on held.customer_id = who.id
    left join owed on owed.customer_id = who.id left join carried on carried.customer_id = who.id
    left join asked on asked.customer_id = who.id
"""
IN_BASE = {
    "balance": in_base("balance", "currency", ":today"),
    "booked": in_base("t.amount", "t.currency", "cast(t.booked_at as date)"),
    "value": in_base("h.value", "h.currency", ":today"),
    "outstanding": in_base("outstanding", "currency", ":today"),
}


async def figures_of(
    session: AsyncSession, ids: Sequence[UUID], now: datetime
) -> dict[UUID, Figures]:
    """The figures of these customers as of now, in the base currency; NoExchangeRate when one cannot be converted."""
    values = {"ids": list(ids), "now": now, "since": now - LOOKED_BACK, "today": now.date()}
    rows = await execute_converted(session, text(STATEMENT.format(**IN_BASE)), values)
    return {row["id"]: _figures(row) for row in rows.mappings()}


def _figures(row: RowMapping) -> Figures:
    values = {name: value for name, value in row.items() if name != "id"}
    for by_name in ("holdings", "spending"):
        values[by_name] = {name: Decimal(str(value)) for name, value in row[by_name].items()}
    if row["satisfaction"] is not None:
        values["satisfaction"] = float(row["satisfaction"])
    return Figures(**values)
