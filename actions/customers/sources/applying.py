"""Carrying accounts, cards, loans, holdings and bookings of sources into the master record, once their person is a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from actions.customers.card_control.loading import source_state
from actions.customers.card_control.models import CardRequest
from actions.customers.card_control.requests import live_requests
from actions.customers.models import Account, Card, Holding, Loan, Transaction
from actions.customers.source_models import SourceRecord
from actions.products.models import Product
from core.database import Base
from core.exchange_rates import first_rates
from core.money import BASE_CURRENCY

TABLES: dict[str, type[Base]] = {
    "account": Account,
    "card": Card,
    "loan": Loan,
    "holding": Holding,
    "transaction": Transaction,
}
DAYS = ("opened_on", "expires_on", "next_due_on", "ends_on", "bought_on")
AMOUNTS = ("balance", "principal", "outstanding", "rate_percent", "instalment", "value", "amount")
_ORDER = text(
    "array_position(array['account', 'card', 'loan', 'holding', 'transaction'], source_records.type::text), source_records.ordinal"
)


async def apply_waiting(session: AsyncSession, now: datetime, limit: int) -> int:
    """Carry rows that are new or changed and whose owner is known, accounts first; how many were carried."""
    rows = (
        await session.execute(
            _waiting().limit(limit).with_for_update(of=SourceRecord, skip_locked=True)
        )
    ).all()
    accounts = await _accounts(session, [row for row, *_ in rows])
    products = await _products(session, [row for row, *_ in rows])
    cards = await _cards(session, [row for row, *_ in rows])
    first = {BASE_CURRENCY: date.min, **await first_rates(session)}
    for row, owner in rows:
        values = _values(row, owner, accounts, products) if owner else None
        if values is not None and not _convertible(values, first, now):
            continue  # it would make every sum of the customer fail: it waits for a rate
        if values is None:
            continue  # what it needs is refused or not there yet: it waits
        if row.entity_id is None:
            entity: Any = TABLES[row.type](**values)
            session.add(entity)
            await session.flush()
            row.entity_id = entity.id
            accounts[(row.source, row.key)] = entity.id
        else:
            stored = await session.get_one(TABLES[row.type], row.entity_id)
            if isinstance(stored, Card):
                values["state"] = source_state(
                    stored, values["state"], row.as_of if row.dated else None, cards, now
                )
            for name, value in values.items():
                setattr(stored, name, value)
        row.applied_digest, row.customer_id = row.digest, owner
    await session.flush()
    carried = sum(row.applied_digest == row.digest for row, _ in rows)
    return limit if carried == limit else 0 if carried < len(rows) else carried


def _waiting() -> Select[SourceRecord, UUID | None]:
    """Rows that are not people, with the customer that they belong to."""
    person, account = aliased(SourceRecord), aliased(SourceRecord)
    owner_key = SourceRecord.content["person"].astext
    by_account = SourceRecord.content["account"].astext
    return (
        select(SourceRecord, person.customer_id)
        .outerjoin(
            account,
            (account.source == SourceRecord.source)
            & (account.type == "account")
            & (account.key == by_account),
        )
        .join(
            person,
            (person.source == SourceRecord.source)
            & (person.type == "person")
            & (
                (person.key == owner_key)
                | (owner_key.is_(None) & (person.key == account.content["person"].astext))
            ),
        )
        .where(
            SourceRecord.type != "person",
            SourceRecord.applied_digest.is_distinct_from(SourceRecord.digest),
        )
        .where(person.customer_id.is_not(None))
        .order_by(_ORDER)
    )


async def _accounts(session: AsyncSession, rows: list[SourceRecord]) -> dict[tuple[str, str], UUID]:
    """Accounts of the master record by their source and key there."""
    keys = {row.content["account"] for row in rows if "account" in row.content}
    query = select(SourceRecord).where(
        SourceRecord.type == "account",
        SourceRecord.key.in_(keys),
        SourceRecord.entity_id.is_not(None),
    )
    return {
        (row.source, row.key): row.entity_id
        for row in (await session.scalars(query)).all()
        if row.entity_id
    }


async def _cards(session: AsyncSession, rows: list[SourceRecord]) -> dict[UUID, CardRequest]:
    """Requests that are pending or in force, by the cards of the rows, which are locked until the batch is carried.

    In the order in which a conversation locks a customer's cards, so that neither waits for the other in a circle.
    """
    ids = [row.entity_id for row in rows if row.type == "card" and row.entity_id]
    if not ids:
        return {}
    cards = (
        select(Card)
        .where(Card.id.in_(ids))
        .order_by(Card.kind, Card.last_four, Card.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    (await session.scalars(cards)).all()
    requests = (await session.scalars(live_requests(ids))).all()
    return {request.card_id: request for request in requests}


async def _products(session: AsyncSession, rows: list[SourceRecord]) -> dict[str, UUID]:
    codes = {row.content["product"] for row in rows if row.type == "holding"}
    query = select(Product.code, Product.id).where(Product.code.in_(codes))
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


def _values(
    row: SourceRecord, owner: UUID, accounts: dict[tuple[str, str], UUID], products: dict[str, UUID]
) -> dict[str, Any] | None:
    """Columns of the master record's table; None while an account or product that it names is not known."""
    values: dict[str, Any] = {
        name: _typed(name, value)
        for name, value in row.content.items()
        if name not in ("person", "account", "product")
    }
    if row.type != "transaction":
        values["customer_id"] = owner
    if "account" in row.content:
        values["account_id"] = accounts.get((row.source, row.content["account"]))
        if values["account_id"] is None:
            return None
    if row.type == "holding":
        values["product_id"] = products.get(row.content["product"])
        if values["product_id"] is None:
            return None
    return values


def _convertible(values: dict[str, Any], first: Mapping[str, date], now: datetime) -> bool:
    """Whether an amount has a rate on its day."""
    day = values.get("booked_at", now).date()
    return "currency" not in values or first.get(values["currency"], date.max) <= day


def _typed(name: str, value: Any) -> Any:
    if name in DAYS:
        return date.fromisoformat(value)
    if name == "booked_at":
        return datetime.fromisoformat(value)
    return Decimal(str(value)) if name in AMOUNTS else value
