"""Which products fit a customer: eligibility and suitability as hard gates, then a ranking by need. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from actions.products.terms import ProductTerms
from core.localized_text import LocalizedText, term

RULES_VERSION = 2
EXPERIENCE = ("none", "basic", "experienced")
CONCENTRATION_LIMIT = Decimal(
    "0.35"
)  # share of one product in all assets, from R3 up; the bank's house rule
COMPLEX_FROM = (
    4  # R4 and R5 ask for an experienced customer (MiFID II, article 25(3): appropriateness)
)
COMPLEX_KINDS = ("note",)  # structured: their workings must be understood at any risk level


@dataclass(frozen=True)
class InvestorProfile:
    """What is known of the customer when advice is given; amounts in the bank's currency."""

    age: int
    residency: str
    segment: str
    risk_level: int
    risk_assessed_until: date
    kyc_valid: bool
    experience: str
    assets: Decimal
    free_cash: Decimal
    monthly_income: Decimal
    holdings: dict[str, Decimal] = field(default_factory=dict)  # product code -> value
    knowledge: frozenset[str] = (
        frozenset()
    )  # kinds of product whose workings the customer has shown to understand
    kinds_held: frozenset[str] = frozenset()
    surplus: Decimal | None = (
        None  # what is left of a month's income, on average; None where no bookings tell
    )
    retention_rates: Mapping[str, float] = field(
        default_factory=dict
    )  # product code -> share of like customers who kept it


@dataclass(frozen=True)
class Need:
    """What the customer said: never guessed."""

    goal: str | None = None
    amount: Decimal | None = None
    horizon_months: int | None = None


@dataclass(frozen=True)
class Exclusion:
    """Why a product does not fit: the rule's id, which is the code of the reason too."""

    rule: str
    reason: LocalizedText


def exclusion(
    product: ProductTerms, who: InvestorProfile, need: Need, today: date
) -> Exclusion | None:
    """The first hard gate that the product fails for this customer, or None when it may be offered."""
    return _ineligible(product, who, need) or _unsuitable(product, who, need, today)


def _ineligible(product: ProductTerms, who: InvestorProfile, need: Need) -> Exclusion | None:  # noqa: PLR0911  (a gate a line)
    if not who.kyc_valid:
        return _no("eligibility.kyc")
    if who.age < product.minimum_age or (
        product.maximum_age is not None and who.age > product.maximum_age
    ):
        return _no("eligibility.age")
    if product.residencies and who.residency not in product.residencies:
        return _no("eligibility.residency")
    if product.segments and who.segment not in product.segments:
        return _no("eligibility.segment")
    if product.once and product.code in who.holdings:
        return _no("eligibility.held")
    if (need.amount if need.amount is not None else who.free_cash) < product.minimum:
        return _no("eligibility.minimum", minimum=f"{product.minimum:,.2f}")
    return None


def _unsuitable(
    product: ProductTerms, who: InvestorProfile, need: Need, today: date
) -> Exclusion | None:
    if product.risk_level > 1 and who.risk_assessed_until < today:
        return _no("suitability.assessment")
    if product.risk_level > who.risk_level:
        return _no("suitability.risk", risk=product.risk_level, level=who.risk_level)
    if (
        need.horizon_months is not None
        and not product.liquid
        and product.horizon_months > need.horizon_months
    ):
        return _no("suitability.horizon", count=product.horizon_months)
    if product.risk_level >= COMPLEX_FROM and who.experience != EXPERIENCE[-1]:
        return _no("suitability.experience")
    if _asks_for_knowledge(product) and product.kind not in who.knowledge:
        return _no("suitability.knowledge")
    return _not_to_spare(product, who, need) or _too_concentrated(product, who, need)


def _asks_for_knowledge(product: ProductTerms) -> bool:
    return product.risk_level >= COMPLEX_FROM or product.kind in COMPLEX_KINDS


def _bought(product: ProductTerms, need: Need) -> Decimal:
    return need.amount if need.amount is not None else product.minimum


def _not_to_spare(product: ProductTerms, who: InvestorProfile, need: Need) -> Exclusion | None:
    """Liquidity: money that is bound must not be money that three months may ask for."""
    if not product.liquid and _bought(product, need) > who.free_cash:
        return _no("suitability.liquidity")
    return None


def _too_concentrated(product: ProductTerms, who: InvestorProfile, need: Need) -> Exclusion | None:
    share = who.holdings.get(product.code, Decimal()) + _bought(product, need)
    if product.risk_level > 2 and who.assets > 0 and share / who.assets > CONCENTRATION_LIMIT:  # noqa: PLR2004
        return _no("suitability.concentration")
    return None


# What a fitting product is ranked by; each part is from 0 to 1, the weights sum to 1.
WEIGHTS = {
    "goal": 0.30,
    "horizon": 0.15,
    "cash": 0.15,
    "gap": 0.15,
    "like": 0.10,
    "risk": 0.10,
    "access": 0.05,
}


@dataclass(frozen=True)
class Ranked:
    """The score of a fitting product, 0 to 1, the reasons for it, the weightiest first, and the shares it was made of."""

    score: float
    reasons: list[LocalizedText]
    parts: dict[str, float]


def rank(
    product: ProductTerms, who: InvestorProfile, need: Need, weights: Mapping[str, float] = WEIGHTS
) -> Ranked:
    """How well a product that passed the gates meets the need."""
    parts = parts_of(product, who, need)
    score = sum(weights[name] * share for name, (share, _) in parts.items())
    ordered = sorted(parts, key=lambda name: -weights[name] * parts[name][0])
    reasons = [reason for name in ordered if (reason := parts[name][1]) is not None]
    return Ranked(
        round(score, 4), reasons, {name: round(share, 4) for name, (share, _) in parts.items()}
    )


def parts_of(
    product: ProductTerms, who: InvestorProfile, need: Need
) -> dict[str, tuple[float, LocalizedText | None]]:
    """For each thing that is ranked by, its share from 0 to 1 and how it is told; what says nothing is not told."""
    return {
        "goal": _goal(product, need),
        "horizon": _horizon(product, need),
        "cash": _cash(product, who, need),
        "gap": _gap(product, who),
        "like": _like(product, who),
        "risk": _risk(product, who),
        "access": (1.0, LocalizedText("advice.liquid")) if product.liquid else (0.0, None),
    }


def _goal(product: ProductTerms, need: Need) -> tuple[float, LocalizedText | None]:
    if need.goal is None or need.goal not in product.goals:
        return 0.0, None
    share = 1.0 if product.goals[0] == need.goal else 0.8  # the first is what it is made for
    return share, LocalizedText("advice.goal", goal=term("goal", need.goal))


def _horizon(product: ProductTerms, need: Need) -> tuple[float, LocalizedText | None]:
    if need.horizon_months is None or product.horizon_months > need.horizon_months:
        return 0.0, None
    share = (product.horizon_months + 1) / (need.horizon_months + 1)
    return share, LocalizedText("advice.horizon", count=need.horizon_months)


def _cash(
    product: ProductTerms, who: InvestorProfile, need: Need
) -> tuple[float, LocalizedText | None]:
    """How much of the money that is to spare stays to spare, and whether months leave something over."""
    bought = _bought(product, need)
    if who.free_cash <= 0 or bought > who.free_cash:
        return 0.0, None
    left = float(1 - bought / who.free_cash) * (
        1.0 if who.surplus is None or who.surplus > 0 else 0.5
    )
    return left, LocalizedText("advice.reserve_untouched")


def _gap(product: ProductTerms, who: InvestorProfile) -> tuple[float, LocalizedText | None]:
    """The first thing that is missing: a reserve, then protection, then money that works."""
    if who.free_cash <= 0:
        missing = "savings"
    elif who.age >= PROTECTION_FROM and "insurance" not in who.kinds_held:
        missing = "insurance"
    elif not who.kinds_held & {"fund", "note"}:
        missing = "fund"
    else:
        return 0.0, None
    if product.kind != missing:
        return 0.0, None
    return 1.0, LocalizedText(f"advice.gap.{missing}")


def _like(product: ProductTerms, who: InvestorProfile) -> tuple[float, LocalizedText | None]:
    share = who.retention_rates.get(product.code, 0.0)
    if share < MIN_SHARE_OF_LIKE:
        return share, None
    return share, LocalizedText("advice.kept_by_others", percent=f"{share:.0%}")


def _risk(product: ProductTerms, who: InvestorProfile) -> tuple[float, LocalizedText | None]:
    share = 1 - (who.risk_level - product.risk_level) / 5
    return share, LocalizedText(
        "advice.risk_within_level", risk=product.risk_level, level=who.risk_level
    )


PROTECTION_FROM = 30  # years of age from which old age and death are planned for; house rule
MIN_SHARE_OF_LIKE = 0.05  # a share of like customers that is worth telling


def _no(code: str, /, **values: str | int) -> Exclusion:
    return Exclusion(code, LocalizedText(code, **values))
