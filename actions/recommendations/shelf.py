"""The catalogue in this process: products on sale with their terms, read again only when a row of the table changed.

A thousand products take longer to read than to judge. What tells of a change is a sum over the rows' transaction numbers, one
statement of a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.recommendations.models import Product
from actions.recommendations.suitability import Terms

_STATE = text(
    "select count(*), coalesce(sum(hashtextextended(id::text || xmin::text, 0)), 0) from products where active"
)


@dataclass(frozen=True)
class Shelf:
    """Products by code, each with its terms; the products are copies that belong to no session."""

    state: tuple[Any, ...]
    products: Sequence[tuple[Product, Terms]]


_SHELVES: WeakKeyDictionary[Any, Shelf] = WeakKeyDictionary()  # by engine


async def shelf(session: AsyncSession) -> Sequence[tuple[Product, Terms]]:
    """What is on sale."""
    engine = session.get_bind()
    state = tuple((await session.execute(_STATE)).one())
    known = _SHELVES.get(engine)
    if known is None or known.state != state:
        table = Product.__table__
        rows = await session.execute(select(table).where(table.c.active).order_by(table.c.code))
        found = [Product(**row) for row in rows.mappings()]
        known = Shelf(state, [(product, terms_of(product)) for product in found])
        _SHELVES[engine] = known
    return known.products


def terms_of(product: Product) -> Terms:
    """The product as the rules read it."""
    rules = product.eligibility
    return Terms(
        code=product.code,
        kind=product.kind,
        risk_level=int(product.risk_level[1:]),
        minimum=product.minimum,
        horizon_months=product.horizon_months,
        liquid=product.liquid,
        goals=tuple(product.goals),
        segments=tuple(rules.get("segments", ())),
        residencies=tuple(rules.get("residencies", ())),
        minimum_age=int(rules.get("minimum_age", 18)),
        maximum_age=rules.get("maximum_age"),
        once=bool(rules.get("once", False)),
    )
