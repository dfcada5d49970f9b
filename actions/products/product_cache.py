"""The catalogue in this process: products on sale with their terms, read again only when a row of the table changed.

A thousand products take longer to read than to judge. What tells of a change is a sum over the rows' transaction numbers, one
statement of a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from actions.products.models import Product
from actions.products.terms import ProductTerms, terms_of

_STATE = text(
    "select count(*), coalesce(sum(hashtextextended(id::text || xmin::text, 0)), 0) from products where active"
)


@dataclass(frozen=True)
class CachedProducts:
    """Products by code, each with its terms; the products are copies that belong to no session."""

    state: tuple[object, ...]
    products: Sequence[tuple[Product, ProductTerms]]


_CACHE: WeakKeyDictionary[object, CachedProducts] = WeakKeyDictionary()  # by engine


async def products_on_sale(session: AsyncSession) -> Sequence[tuple[Product, ProductTerms]]:
    """What is on sale."""
    engine = session.get_bind()
    state = tuple((await session.execute(_STATE)).one())
    cached = _CACHE.get(engine)
    if cached is None or cached.state != state:
        table = Product.__table__
        rows = await session.execute(select(table).where(table.c.active).order_by(table.c.code))
        on_sale = [Product(**row) for row in rows.mappings()]
        cached = CachedProducts(state, [(product, terms_of(product)) for product in on_sale])
        _CACHE[engine] = cached
    return cached.products
