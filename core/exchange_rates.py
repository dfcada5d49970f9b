"""Exchange rates by day, quoted as central banks do: units of the currency for one unit of the base currency.

The rate that counts on a day is the last one not after it. Statements convert by the same rule through `in_base`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import Error as DriverError
from sqlalchemy import ColumnElement, Executable, Numeric, Result, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.audit import record
from core.database import Base
from core.errors import Invalid
from core.identity import Caller, require
from core.money import BASE_CURRENCY, RATE_PLACES, Money, NoExchangeRate, RateTable

# Raised by the database function exchange_rate; its message is "code day".
_NO_RATE = "BR001"


class ExchangeRate(Base):
    """Units of a currency for one unit of the base currency, from a day on until the next."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(primary_key=True)
    valid_on: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(18, RATE_PLACES))


async def rates_on(session: AsyncSession, on: date) -> list[ExchangeRate]:
    """The rate of each currency that counts on a day, by code."""
    rows = (
        select(ExchangeRate)
        .where(ExchangeRate.valid_on <= on)
        .distinct(ExchangeRate.currency)
        .order_by(ExchangeRate.currency, ExchangeRate.valid_on.desc())
    )
    return list((await session.scalars(rows)).all())


async def rate_table(session: AsyncSession, on: date) -> RateTable:
    """The rates of a day as a value that rules can convert by."""
    return RateTable(on, {row.currency: row.rate for row in await rates_on(session, on)})


async def rates_for(session: AsyncSession, currencies: Iterable[str], on: date) -> RateTable:
    """The rates of a day; nothing is read while all of the currencies are one."""
    return await rate_table(session, on) if len(set(currencies)) > 1 else RateTable(on, {})


async def first_rates(session: AsyncSession) -> dict[str, date]:
    """The day of the first rate of each currency; before it, nothing in it can be converted."""
    rows = select(ExchangeRate.currency, func.min(ExchangeRate.valid_on)).group_by(
        ExchangeRate.currency
    )
    return dict((await session.execute(rows)).tuples().all())


async def convert(session: AsyncSession, money: Money, to: str, on: date) -> Money:
    """The money in another currency by the last rate not after `on`; NoExchangeRate when there is none."""
    return (await rates_for(session, {money.currency, to}, on)).convert(money, to)


async def total(
    session: AsyncSession, sums: Mapping[str, Decimal], on: date, to: str = BASE_CURRENCY
) -> Money:
    """The sum of amounts by currency as one amount; NoExchangeRate when one has no rate yet."""
    return (await rates_for(session, {*sums, to}, on)).total(sums, to)


async def set_rates(
    session: AsyncSession, caller: Caller, valid_on: date, rates: Mapping[str, Decimal]
) -> None:
    """Write the rates of a day, replacing those of the same day; audited."""
    require(caller, "rates:manage")
    if BASE_CURRENCY in rates:
        raise Invalid.field("rates", "exchange_rate.base_currency", currency=BASE_CURRENCY)
    rows = [
        {"currency": currency, "valid_on": valid_on, "rate": rate}
        for currency, rate in rates.items()
    ]
    new = insert(ExchangeRate).values(rows)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["currency", "valid_on"], set_={"rate": new.excluded.rate}
        )
    )
    details = {"valid_on": valid_on.isoformat(), "rates": {c: str(r) for c, r in rates.items()}}
    await record(session, caller, "exchange_rates.set", f"rates:{valid_on}", details)


def in_base(amount: str, currency: str, day: str) -> str:
    """SQL for an amount in the base currency by the rate of a day; amounts of the base currency are not looked up.

    The three are SQL expressions of ours. Run the statement by `execute_converted`.
    """
    converted = f"round({amount} / exchange_rate({currency}, {day}), 2)"
    return f"(case when {currency} = '{BASE_CURRENCY}' then {amount} else {converted} end)"


def amount_in_base(
    amount: ColumnElement[Decimal], currency: ColumnElement[str], day: ColumnElement[date]
) -> ColumnElement[Decimal]:
    """The same as an expression."""
    converted = func.round(amount / func.exchange_rate(currency, day), 2)
    return case((currency == BASE_CURRENCY, amount), else_=converted)


async def execute_converted(
    session: AsyncSession, statement: Executable, values: Mapping[str, object] | None = None
) -> Result[*tuple[Any, ...]]:
    """Run a statement that converts amounts; NoExchangeRate when a currency has no rate yet."""
    try:
        return await session.execute(statement, values)
    except DBAPIError as error:
        cause = error.orig
        if not isinstance(cause, DriverError) or cause.sqlstate != _NO_RATE:
            raise
        currency, day = str(cause.diag.message_primary).split()
        raise NoExchangeRate(currency, date.fromisoformat(day)) from error
