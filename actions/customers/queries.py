"Every SQL statement of the customer view; each begins with whom the caller may see."

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers.models import Account, Card, Customer, Holding, Loan, Transaction
from actions.recommendations.models import Product
from core.errors import NotFound
from core.identity import Caller, Participant, System, require


def visible_customers(caller: Caller) -> Select[Customer]:
    "A customer sees oneself, a visitor nobody; staff and applications everybody, with the permission for it."
    customers = select(Customer)
    match caller:
        case Participant(customer_id=customer_id):
            return customers.where(Customer.id == customer_id)
        case System():
            return customers
    require(caller, "customers:read")
    return customers


def named(customers: Select[Customer], q: str | None) -> Select[Customer]:
    "Narrowed by part of a name, or a whole customer number, address or phone number."
    if not q:
        return customers
    pattern = f"%{q.replace('%', '').replace('_', '')}%"
    return customers.where(
        or_(
            Customer.name.ilike(pattern), Customer.native_name.ilike(pattern), Customer.number == q,
            Customer.email == q.lower(), Customer.phone == q, cast(Customer.id, Text) == q,
        )
    )  # fmt: skip


async def load_customer(session: AsyncSession, caller: Caller, customer_id: UUID) -> Customer:
    "The customer, if the caller may see the customer."
    customer = await session.scalar(visible_customers(caller).where(Customer.id == customer_id))
    if customer is None:
        raise NotFound("customer")
    return customer


async def accounts_of(session: AsyncSession, customer: Customer) -> Sequence[Account]:
    "Accounts, current ones first."
    found = select(Account).where(Account.customer_id == customer.id).order_by(Account.kind, Account.iban)
    return (await session.scalars(found)).all()


async def cards_of(session: AsyncSession, customer: Customer) -> Sequence[Card]:
    "Cards."
    found = select(Card).where(Card.customer_id == customer.id).order_by(Card.kind, Card.last_four)
    return (await session.scalars(found)).all()


async def loans_of(session: AsyncSession, customer: Customer) -> Sequence[Loan]:
    "Loans."
    return (await session.scalars(select(Loan).where(Loan.customer_id == customer.id).order_by(Loan.kind))).all()


async def holdings_of(session: AsyncSession, customer: Customer) -> Sequence[tuple[Holding, Product]]:
    "Holdings with their products, the largest first."
    found = (
        select(Holding, Product)
        .join(Product, Product.id == Holding.product_id)
        .where(Holding.customer_id == customer.id)
        .order_by(Holding.value.desc())
    )
    return [(row[0], row[1]) for row in (await session.execute(found)).all()]


@dataclass(frozen=True)
class Bookings:
    "Which bookings are wanted; what is None does not narrow."

    between: tuple[datetime, datetime] | None = None  # from, and up to but not including
    party: str | None = None
    amount: Decimal | None = None  # whether it was spent or received

    @property
    def narrow(self) -> bool:
        return any((self.between, self.party, self.amount))


async def transactions_of(
    session: AsyncSession, customer: Customer, limit: int, wanted: Bookings | None = None
) -> Sequence[Transaction]:
    "The latest bookings over all accounts that are as wanted."
    mine = select(Account.id).where(Account.customer_id == customer.id)
    found = select(Transaction).where(Transaction.account_id.in_(mine))
    if wanted and wanted.between:
        found = found.where(Transaction.booked_at >= wanted.between[0], Transaction.booked_at < wanted.between[1])
    if wanted and wanted.party:
        found = found.where(Transaction.counterparty.icontains(wanted.party, autoescape=True))
    if wanted and wanted.amount is not None:
        found = found.where(func.abs(Transaction.amount) == wanted.amount)
    found = found.order_by(Transaction.booked_at.desc(), Transaction.id).limit(limit)
    return (await session.scalars(found)).all()
