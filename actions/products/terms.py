"""A product as rules read it: plain values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from actions.products.models import Product

ADULT = 18


@dataclass(frozen=True)
class ProductTerms:
    """What counts of a product."""

    code: str
    kind: str
    risk_level: int
    minimum: Decimal
    horizon_months: int
    liquid: bool
    goals: tuple[str, ...]
    segments: tuple[str, ...] = ()
    residencies: tuple[str, ...] = ()
    minimum_age: int = ADULT
    maximum_age: int | None = None
    once: bool = False


def terms_of(product: Product) -> ProductTerms:
    """The product as the rules read it."""
    rules = product.eligibility
    return ProductTerms(
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
