"""What may be read of the catalogue."""

from __future__ import annotations

from sqlalchemy import Select, select

from actions.products.models import Product
from core.identity import Caller, require
from core.languages import Language


def visible_products(caller: Caller) -> Select[Product]:
    """The catalogue; what is for sale only."""
    require(caller, "products:read")
    return select(Product).where(Product.active)


def name_of(product: Product, language: Language) -> str:
    """The product's name in a language."""
    return product.name_zh if language == "zh" else product.name
