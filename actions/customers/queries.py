"""Every SQL statement of the customer view; each begins with whom the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import eq, ge, le
from typing import TypedDict
from uuid import UUID

from sqlalchemy import Date, Select, Text, cast, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from actions.customers.models import (
    Account,
    Card,
    Customer,
    Holding,
    Loan,
    PortraitRow,
    Transaction,
)
from actions.products.models import Product
from core.errors import NotFound
from core.exchange_rates import amount_in_base, execute_converted
from core.identity import Caller, Participant, System, require


def visible_customers(caller: Caller) -> Select[Customer]:
    """A customer sees oneself, a visitor nobody; staff and applications everybody, with the permission for it."""
    customers = select(Customer).where(Customer.merged_into.is_(None))
    match caller:
        case Participant(customer_id=customer_id):
            return customers.where(Customer.id == customer_id)
        case System():
            return customers
    require(caller, "customers:read")
    return customers


def named(customers: Select[Customer], q: str | None) -> Select[Customer]:
    """Narrowed by part of a name, or a whole customer number, address or phone number."""
    if not q:
        return customers
    pattern = f"%{q.replace('%', '').replace('_', '')}%"
    return customers.where(
        or_(
            Customer.name.ilike(pattern),
            Customer.native_name.ilike(pattern),
            Customer.number == q,
            Customer.email == q.lower(),
            Customer.phone == q,
            cast(Customer.id, Text) == q,
        )
    )


async def load_customer(session: AsyncSession, caller: Caller, customer_id: UUID) -> Customer:
    """The customer, if the caller may see the customer."""
    customer = await session.scalar(visible_customers(caller).where(Customer.id == customer_id))
    if customer is None:
        raise NotFound("customer")
    return customer


async def accounts_of(session: AsyncSession, customer: Customer) -> Sequence[Account]:
    """Accounts, current ones first."""
    query = (
        select(Account)
        .where(Account.customer_id == customer.id)
        .order_by(Account.kind, Account.iban)
    )
    return (await session.scalars(query)).all()


async def cards_of(session: AsyncSession, customer: Customer) -> Sequence[Card]:
    """Cards."""
    query = select(Card).where(Card.customer_id == customer.id).order_by(Card.kind, Card.last_four)
    return (await session.scalars(query)).all()


async def load_card(session: AsyncSession, customer: Customer, card_id: UUID) -> Card:
    """The customer's card; NotFound when it is not one of the customer's."""
    query = select(Card).where(Card.customer_id == customer.id, Card.id == card_id)
    card = await session.scalar(query)
    if card is None:
        raise NotFound("card")
    return card


async def accounts_with_cards(
    session: AsyncSession, customer: Customer
) -> tuple[list[Account], list[Card]]:
    """Accounts and cards at once, in the order in which each is listed alone."""
    rows = (
        select(Account, Card)
        .outerjoin(Card, Card.account_id == Account.id)
        .where(Account.customer_id == customer.id)
    )
    joined = (await session.execute(rows)).all()
    accounts = {account.id: account for account, _ in joined}
    cards = [card for _, card in joined if card is not None]
    return (
        sorted(accounts.values(), key=lambda account: (account.kind, account.iban)),
        sorted(cards, key=lambda card: (card.kind, card.last_four)),
    )


async def loans_of(session: AsyncSession, customer: Customer) -> Sequence[Loan]:
    """Loans."""
    return (
        await session.scalars(
            select(Loan).where(Loan.customer_id == customer.id).order_by(Loan.kind)
        )
    ).all()


async def holdings_of(
    session: AsyncSession, customer: Customer
) -> Sequence[tuple[Holding, Product]]:
    """Holdings with their products, the largest first."""
    query = (
        select(Holding, Product)
        .join(Product, Product.id == Holding.product_id)
        .where(Holding.customer_id == customer.id)
        .order_by(Holding.value.desc())
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


@dataclass(frozen=True)
class Bookings:
    """Which bookings are wanted; what is None does not narrow."""

    between: tuple[datetime, datetime] | None = None  # from, and up to but not including
    party: str | None = None
    amount: Decimal | None = None  # whether it was spent or received
    category: str | None = None
    least: Decimal | None = None  # of the amount without its sign
    most: Decimal | None = None

    @property
    def narrow(self) -> bool:
        return any((self.between, self.party, self.amount))


async def transactions_of(
    session: AsyncSession, customer: Customer, limit: int, filters: Bookings | None = None
) -> Sequence[Transaction]:
    """The latest bookings over all accounts that are as wanted."""
    query = bookings_of(customer, filters or Bookings())
    # The newest of each account by its index, then the newest of those: a long history is never sorted.
    each = query.where(Transaction.account_id == Account.id).order_by(
        Transaction.booked_at.desc(), Transaction.id.desc()
    )
    latest = each.limit(limit).correlate(Account).lateral()
    newest = aliased(Transaction, latest)
    rows = (
        select(newest)
        .select_from(Account)
        .join(latest, true())
        .where(Account.customer_id == customer.id)
        .order_by(newest.booked_at.desc(), newest.id.desc())
        .limit(limit)
    )
    return (await session.scalars(rows)).all()


def bookings_of(customer: Customer, filters: Bookings) -> Select[Transaction]:
    """Bookings over all of the customer's accounts that are as wanted."""
    mine = select(Account.id).where(Account.customer_id == customer.id)
    query = select(Transaction).where(Transaction.account_id.in_(mine))
    if filters.between:
        query = query.where(
            Transaction.booked_at >= filters.between[0], Transaction.booked_at < filters.between[1]
        )
    if filters.party:
        query = query.where(Transaction.counterparty.icontains(filters.party, autoescape=True))
    if filters.category:
        query = query.where(Transaction.category == filters.category)
    for value, compared in ((filters.amount, eq), (filters.least, ge), (filters.most, le)):
        if value is not None:
            query = query.where(compared(func.abs(Transaction.amount), value))
    return query


async def categories_of(
    session: AsyncSession, customer: Customer, since: datetime
) -> list[tuple[str, int, Decimal]]:
    """Categories of bookings since a time: how many, and what came in less what went out, in the base currency."""
    bookings = bookings_of(customer, Bookings()).where(Transaction.booked_at >= since).subquery()
    day = cast(bookings.c.booked_at, Date)
    total = func.sum(amount_in_base(bookings.c.amount, bookings.c.currency, day))
    rows = (
        select(bookings.c.category, func.count(), total)
        .group_by(bookings.c.category)
        .order_by(total)
    )
    return [(row[0], row[1], row[2]) for row in await execute_converted(session, rows)]


AROUND = text("""
select (select jsonb_build_object('id', s.id, 'name', s.name) from staff_users s where s.id = c.relationship_manager_id) as manager,
    coalesce((select jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'number', m.number) order by m.number) from customers m
        where m.household_id = c.household_id and m.id <> c.id and m.merged_into is null), '[]') as household,
    coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'happened_on', e.happened_on) order by e.happened_on desc)
        from (select * from life_events e where e.customer_id = c.id order by happened_on desc limit 20) e), '[]') as life_events
from customers c where c.id = :id
""")


class LifeEventRow(TypedDict):
    """What happened in a customer's life."""

    id: str
    kind: str
    happened_on: str


@dataclass(frozen=True)
class CustomerSurroundings:
    """Who looks after a customer, with whom they live, and what happened in their life; the newest first."""

    manager: dict[str, str] | None
    household: list[dict[str, str]]
    life_events: list[LifeEventRow]


async def surroundings_of(session: AsyncSession, customer: Customer) -> CustomerSurroundings:
    """Relationship manager, household and life events, in one statement."""
    row = (await session.execute(AROUND, {"id": customer.id})).one()
    return CustomerSurroundings(row.manager, row.household, row.life_events)


def listed(caller: Caller, name: str, manager: UUID | None) -> Select[PortraitRow, Customer]:
    """Customers on one of the relationship managers' lists, of all or of one manager."""
    seen = visible_customers(caller).subquery()
    rows = select(PortraitRow, Customer).join(Customer, Customer.id == PortraitRow.customer_id)
    rows = rows.where(PortraitRow.lists.contains([name]), Customer.id.in_(select(seen.c.id)))
    return rows.where(Customer.relationship_manager_id == manager) if manager else rows
