"""What the signed-in customer has: a list that is shown, and what follow-up questions then mean by "the biggest" or "that"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers import queries
from actions.customers.models import Customer, Transaction
from actions.products.queries import name_of
from assistant.dialogue.formats import day_text, money_text
from assistant.dialogue.operations.context import OperationContext, ask_to_sign_in
from assistant.dialogue.operations.figures import aggregate
from assistant.dialogue.operations.transaction_filters import bookings_in
from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.state import Result, ResultItem
from assistant.dialogue.wording import say, value_name
from core.languages import Language

__all__ = ["RECENT", "VIEWS", "aggregate", "read_view", "show"]

RECENT = 8  # transactions that a list shows
Row = tuple[str, ResultItem]


@dataclass(frozen=True)
class ViewContent:
    """A part of a customer's own data: what it is called in the contract, its lines, and the same as values."""

    part: str
    title: str
    lines: list[str]
    items: tuple[ResultItem, ...]


async def show(context: OperationContext, arguments: Mapping[str, Any]) -> Outcome:
    """Show `view` (an intent `show_*`); `filters` narrows transactions to days, a party or an amount."""
    view, filters = arguments["view"], dict(arguments.get("filters") or {})
    customer = await context.customer()
    if customer is None:
        return ask_to_sign_in(context)
    content = await read_view(context.session, customer, view, context.language, filters)
    result = Result(view=view, filters=filters, items=content.items, turn=context.state.turn)
    action = {"type": "profile.shown", "part": content.part}
    text = "\n".join([content.title, *content.lines])
    return Outcome((Reply(text, actions=[action]),), result=result)


async def read_view(
    session: AsyncSession,
    customer: Customer,
    view: str,
    language: Language,
    filters: Mapping[str, Any] | None = None,
) -> ViewContent:
    """A view as it is shown, with its rows as values; KeyError for a view that does not exist."""
    part, read = VIEWS[view]
    rows = await read(session, customer, language, filters or {})
    lines, items = [line for line, _ in rows], tuple(item for _, item in rows)
    narrow = view == "show_transactions" and bookings_in(filters or {}).narrow
    if not rows:
        none = "dialogue.no_such_transactions" if narrow else f"dialogue.no_{part}"
        return ViewContent(part, say(none, language), [], ())
    title = say("dialogue.transactions_matching" if narrow else f"dialogue.{part}", language)
    if narrow and len(rows) == RECENT:
        lines += await _more_line(session, customer, language, filters or {})
    return ViewContent(part, title, lines, items)


async def _more_line(
    session: AsyncSession, customer: Customer, language: Language, filters: Mapping[str, Any]
) -> list[str]:
    matching = queries.bookings_of(customer, bookings_in(filters))
    count = await session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    if count <= RECENT:
        return []
    return [say("dialogue.more_transactions", language, shown=RECENT, total=count)]


async def _accounts(
    session: AsyncSession, customer: Customer, language: Language, filters: Mapping[str, Any]
) -> list[Row]:
    rows = []
    for account in await queries.accounts_of(session, customer):
        kind, last_four = value_name("kind", account.kind, language), account.iban[-4:]
        balance = money_text(account.balance, account.currency, language)
        line = say(
            "dialogue.account_line", language, kind=kind, last_four=last_four, balance=balance
        )
        item = ResultItem(
            label=f"{kind} ****{last_four}",
            amount=str(account.balance),
            currency=account.currency,
            id=str(account.id),
        )
        rows.append((line, item))
    return rows


async def _transactions(
    session: AsyncSession, customer: Customer, language: Language, filters: Mapping[str, Any]
) -> list[Row]:
    transactions = await queries.transactions_of(session, customer, RECENT, bookings_in(filters))
    return [_transaction_row(transaction, language) for transaction in transactions]


def _transaction_row(transaction: Transaction, language: Language) -> Row:
    line = say(
        "dialogue.transaction_line",
        language,
        day=day_text(transaction.booked_at, language),
        party=transaction.counterparty,
        amount=money_text(transaction.amount, transaction.currency, language),
    )
    item = ResultItem(
        label=transaction.counterparty,
        amount=str(transaction.amount),
        currency=transaction.currency,
        at=transaction.booked_at.isoformat(),
        id=str(transaction.id),
    )
    return line, item


async def _cards(
    session: AsyncSession, customer: Customer, language: Language, filters: Mapping[str, Any]
) -> list[Row]:
    rows = []
    for card in await queries.cards_of(session, customer):
        kind = value_name("kind", card.kind, language)
        line = say(
            "dialogue.card_line",
            language,
            kind=kind,
            last_four=card.last_four,
            state=value_name("card_state", card.state, language),
            until=f"{card.expires_on:%m/%y}",
        )
        label = f"{kind} ****{card.last_four}"
        rows.append((line, ResultItem(label=label, id=str(card.id))))
    return rows


async def _loans(
    session: AsyncSession, customer: Customer, language: Language, filters: Mapping[str, Any]
) -> list[Row]:
    rows = []
    for loan in await queries.loans_of(session, customer):
        kind = value_name("kind", loan.kind, language)
        line = say(
            "dialogue.loan_line",
            language,
            kind=kind,
            outstanding=money_text(loan.outstanding, loan.currency, language),
            instalment=money_text(loan.instalment, loan.currency, language),
            day=day_text(loan.next_due_on, language),
        )
        item = ResultItem(
            label=kind,
            amount=str(loan.outstanding),
            currency=loan.currency,
            at=loan.next_due_on.isoformat(),
            id=str(loan.id),
        )
        rows.append((line, item))
    return rows


async def _holdings(
    session: AsyncSession, customer: Customer, language: Language, filters: Mapping[str, Any]
) -> list[Row]:
    rows = []
    for holding, product in await queries.holdings_of(session, customer):
        name = name_of(product, language)
        value = money_text(holding.value, holding.currency, language)
        line = say(
            "dialogue.holding_line", language, name=name, level=product.risk_level, value=value
        )
        item = ResultItem(
            label=name,
            amount=str(holding.value),
            currency=holding.currency,
            at=holding.bought_on.isoformat(),
            id=str(holding.id),
        )
        rows.append((line, item))
    return rows


Reader = Callable[[AsyncSession, Customer, Language, Mapping[str, Any]], Awaitable[list[Row]]]
VIEWS: dict[str, tuple[str, Reader]] = {
    "show_balance": ("accounts", _accounts),
    "show_transactions": ("transactions", _transactions),
    "show_cards": ("cards", _cards),
    "show_loans": ("loans", _loans),
    "show_holdings": ("holdings", _holdings),
}
