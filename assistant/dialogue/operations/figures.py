"""Figures over what was shown last: a sum, the largest, the smallest, the latest, how many.

They are computed from the database, exactly and for each currency by itself, and say over what. After a list without filters
they are of the very transactions that it showed; after one with filters, of all that match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from actions.customers import queries
from actions.customers.models import Customer, Transaction
from actions.products.queries import name_of
from assistant.dialogue.formats import day_text, money_text
from assistant.dialogue.operations.context import (
    OperationContext,
    as_uuid,
    ask_to_sign_in,
    refusal,
)
from assistant.dialogue.operations.transaction_filters import bookings_in, filters_text
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.state import Result
from assistant.dialogue.wording import say, value_name
from core.languages import Language
from core.localized_text import SEPARATORS

OF_PARTY = "of_party"  # the party of the listed rows that are meant
LATEST = 8  # transactions that are meant where none were shown


@dataclass(frozen=True)
class Row:
    """An amount with what it is of; `at` is when it was booked or bought."""

    label: str
    amount: Decimal
    currency: str
    at: datetime | date | None = None


@dataclass(frozen=True)
class Figures:
    """What there is of one currency: the sum, what of it came in and went out, and the rows at its ends."""

    count: int
    total: Decimal
    incoming: Decimal
    outgoing: Decimal
    rows: dict[str, Row] = field(default_factory=dict)


Totals = dict[str, Figures]


async def aggregate(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """`aggregate` (sum, largest, smallest, count, latest) of the view `over`, with the filters of its last result and `filters`."""
    customer = await context.customer()
    if customer is None:
        return ask_to_sign_in(context)
    view, last = arguments["over"], context.state.last_result
    shown = last if last is not None and last.view == view else Result(view=view)
    shown = _narrowed(shown, arguments.get("filters") or {})
    if view == "show_cards":
        return await _cards(context, customer, arguments["aggregate"])
    if view not in _READERS:
        return refusal(context, context.say("dialogue.figure_none"))
    totals = await _READERS[view](context.session, customer, shown, context.language)
    text = _worded(context, arguments["aggregate"], shown, totals)
    action = {"type": "profile.shown", "part": _PARTS[view]}
    result = (last or shown).model_copy(update={"turn": context.state.turn})
    return Outcome((Reply(text, actions=[action]),), helped=bool(totals), result=result)


def _narrowed(shown: Result, filters: Mapping[str, Any]) -> Result:
    """What was shown, narrowed: a party of the list means its rows there, any other all of that party's bookings."""
    named = [item for item in shown.items if item.label == filters.get("party")]
    if not named or bookings_in(shown.filters).narrow:
        return shown.model_copy(update={"filters": {**shown.filters, **filters}})
    rest = {name: value for name, value in filters.items() if name != "party"}
    of_party = {**shown.filters, **rest, OF_PARTY: filters["party"]}
    return shown.model_copy(update={"items": tuple(named), "filters": of_party})


def _worded(context: OperationContext, name: str, shown: Result, totals: Totals) -> str:
    if not totals:
        narrow = bookings_in(shown.filters).narrow
        code = "no_such_transactions" if narrow else f"no_{_PARTS[shown.view]}"
        return context.say(f"dialogue.{code}")
    match name:
        case "sum":
            return _sum_text(context, shown, totals)
        case "count":
            count = sum(figures.count for figures in totals.values())
            return context.say(f"dialogue.figure_count_{shown.view}", count=count)
    rows = [figures.rows[name] for figures in totals.values() if name in figures.rows]
    if not rows:
        return context.say("dialogue.figure_no_dates")
    items = SEPARATORS[context.language].join(_row_text(row, context.language) for row in rows)
    return context.say(f"dialogue.figure_{name}", over=_over(context, shown, totals), item=items)


def _sum_text(context: OperationContext, shown: Result, totals: Totals) -> str:
    language = context.language
    over, count = _over(context, shown, totals), sum(one.count for one in totals.values())
    sums = SEPARATORS[language].join(
        money_text(figures.total, currency, language) for currency, figures in totals.items()
    )
    currency, only = next(iter(totals.items()))
    if len(totals) > 1 or not (only.incoming and only.outgoing):
        return context.say("dialogue.figure_sum", over=over, total=sums, count=count)
    return context.say(
        "dialogue.figure_sum_in_out",
        over=over,
        total=sums,
        incoming=money_text(only.incoming, currency, language),
        outgoing=money_text(abs(only.outgoing), currency, language),
        count=count,
    )


def _over(context: OperationContext, shown: Result, totals: Totals) -> str:
    """What a figure is of: your 8 latest transactions, the 3 matching ones (Tesco, 1 Oct to 31 Oct)."""
    count = sum(figures.count for figures in totals.values())
    outgoing = bool(shown.filters.get("outgoing"))
    party = shown.filters.get(OF_PARTY)
    is_narrow = bookings_in(shown.filters).narrow or party
    if shown.view != "show_transactions" or not is_narrow:
        code = "over_payments" if outgoing else f"over_{shown.view}"
        return context.say(f"dialogue.{code}", count=count)
    code = "over_payments_matching" if outgoing else "over_show_transactions_matching"
    over = context.say(f"dialogue.{code}", count=count)
    reminder = party or filters_text(shown.filters, context.language)
    return context.say("dialogue.over_filtered", over=over, filters=reminder) if reminder else over


def _row_text(row: Row, language: Language) -> str:
    amount = money_text(row.amount, row.currency, language)
    if row.at is None:
        return say("dialogue.figure_item", language, label=row.label, amount=amount)
    day = day_text(row.at, language)
    return say("dialogue.figure_item_dated", language, label=row.label, day=day, amount=amount)


async def _cards(context: OperationContext, customer: Customer, name: str) -> Outcome:
    """Cards can be counted, and have no amounts."""
    cards = await queries.cards_of(context.session, customer)
    if name != "count":
        return Outcome((Reply(context.say("dialogue.figure_no_amounts")),), helped=False)
    text = context.say("dialogue.figure_count_show_cards", count=len(cards))
    return Outcome((Reply(text, actions=[{"type": "profile.shown", "part": "cards"}]),))


# --- reading ----------------------------------------------------------------------------------------------------------


async def _transactions(
    session: AsyncSession, customer: Customer, shown: Result, language: Language
) -> Totals:
    """Sums by the database, and for each end one row of each currency: a long history is never loaded."""
    meant = aliased(Transaction, _meant(customer, shown).subquery())
    rows = select(
        meant.currency,
        func.count(),
        func.sum(meant.amount),
        func.coalesce(func.sum(meant.amount).filter(meant.amount > 0), 0),
        func.coalesce(func.sum(meant.amount).filter(meant.amount < 0), 0),
    ).group_by(meant.currency)
    ends = {
        "largest": func.abs(meant.amount).desc(),
        "smallest": func.abs(meant.amount),
        "latest": meant.booked_at.desc(),
    }
    at_ends: dict[str, dict[str, Row]] = {}
    for name, order in ends.items():
        first = select(meant).distinct(meant.currency).order_by(meant.currency, order, meant.id)
        for transaction in await session.scalars(first):
            at_ends.setdefault(transaction.currency, {})[name] = Row(
                transaction.counterparty,
                transaction.amount,
                transaction.currency,
                transaction.booked_at,
            )
    sums = (await session.execute(rows.order_by(func.count().desc(), meant.currency))).all()
    return {row[0]: Figures(row[1], row[2], row[3], row[4], at_ends[row[0]]) for row in sums}


def _meant(customer: Customer, shown: Result) -> Select[Transaction]:
    filters = bookings_in(shown.filters)
    bookings = queries.bookings_of(customer, filters)
    if shown.filters.get("outgoing"):
        bookings = bookings.where(Transaction.amount < 0)
    if filters.narrow:
        return bookings
    ids = [key for item in shown.items if (key := as_uuid(item.id))]
    if ids:
        return bookings.where(Transaction.id.in_(ids))
    return bookings.order_by(Transaction.booked_at.desc(), Transaction.id.desc()).limit(LATEST)


async def _accounts(
    session: AsyncSession, customer: Customer, shown: Result, language: Language
) -> Totals:
    accounts = await queries.accounts_of(session, customer)
    return _totals(
        [
            Row(
                f"{value_name('kind', account.kind, language)} ****{account.iban[-4:]}",
                account.balance,
                account.currency,
            )
            for account in accounts
        ]
    )


async def _loans(
    session: AsyncSession, customer: Customer, shown: Result, language: Language
) -> Totals:
    loans = await queries.loans_of(session, customer)
    return _totals(
        [
            Row(value_name("kind", one.kind, language), one.outstanding, one.currency)
            for one in loans
        ]
    )


async def _holdings(
    session: AsyncSession, customer: Customer, shown: Result, language: Language
) -> Totals:
    holdings = await queries.holdings_of(session, customer)
    return _totals(
        [
            Row(name_of(product, language), holding.value, holding.currency, holding.bought_on)
            for holding, product in holdings
        ]
    )


def _totals(rows: Sequence[Row]) -> Totals:
    """The figures of a few rows, the currency with most rows first."""
    by_currency: dict[str, list[Row]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    ordered = sorted(by_currency.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return {currency: _figures(some) for currency, some in ordered}


def _figures(rows: Sequence[Row]) -> Figures:
    amounts = [row.amount for row in rows]
    ends = {
        "largest": max(rows, key=lambda row: row.amount),
        "smallest": min(rows, key=lambda row: row.amount),
    }
    dated = [row for row in rows if row.at is not None]
    if dated:
        ends["latest"] = max(dated, key=lambda row: str(row.at))
    total = sum(amounts, Decimal())
    return Figures(len(rows), total, Decimal(), Decimal(), ends)


_PARTS = {
    "show_balance": "accounts",
    "show_transactions": "transactions",
    "show_loans": "loans",
    "show_holdings": "holdings",
}
_READERS = {
    "show_balance": _accounts,
    "show_transactions": _transactions,
    "show_loans": _loans,
    "show_holdings": _holdings,
}
