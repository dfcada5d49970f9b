"""Which products fit a customer: eligibility and suitability as hard gates, then a ranking by need. Pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from actions.products.terms import ProductTerms
from core.languages import Language
from core.sentences import Sentence

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


# What each gate says when it is not passed.
GATES: dict[str, Sentence] = {
    "eligibility.kyc": Sentence(
        "The identity check must be renewed first.", "需先更新身份认证（KYC）。"
    ),
    "eligibility.age": Sentence(
        "The age limits of the product are not met.", "不符合产品的年龄要求。"
    ),
    "eligibility.residency": Sentence(
        "Not offered in the country of residence.", "不在您的居住地销售。"
    ),
    "eligibility.segment": Sentence("Offered to other customer segments.", "仅面向其他客户层级。"),
    "eligibility.held": Sentence("Already held.", "您已持有该产品。"),
    "eligibility.minimum": Sentence("The minimum is {minimum}.", "起点金额为 {minimum}。"),
    "suitability.assessment": Sentence("The risk assessment has expired.", "风险测评已过期。"),
    "suitability.risk": Sentence(
        "Risk R{risk} is above the customer's level C{level}.",
        "产品风险等级 R{risk} 高于您的承受等级 C{level}。",
    ),
    "suitability.horizon": Sentence(
        "The money is bound for {months} months, longer than planned.",
        "资金需锁定 {months} 个月，超过您的计划期限。",
    ),
    "suitability.experience": Sentence(
        "It asks for experience with such products.", "需要相关投资经验。"
    ),
    "suitability.knowledge": Sentence(
        "It has not been shown yet that the customer understands how it works.",
        "尚未确认您了解该类产品的运作方式。",
    ),
    "suitability.liquidity": Sentence(
        "The money would be bound, and the reserve for three months would not be left.",
        "资金将被锁定，剩余资金不足以留出三个月的备用金。",
    ),
    "suitability.concentration": Sentence(
        "It would be more than 35 % of the customer's assets.", "该产品将超过您总资产的 35%。"
    ),
}


@dataclass(frozen=True)
class Exclusion:
    """Why a product does not fit: the rule's id and a sentence in each language."""

    rule: str
    reason: dict[Language, str]


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
        return _no("suitability.horizon", months=product.horizon_months)
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


Reason = dict[Language, str]
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
    reasons: list[Reason]
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
) -> dict[str, tuple[float, Reason | None]]:
    """For each thing that is ranked by, its share from 0 to 1 and how it is told; what says nothing is not told."""
    return {
        "goal": _goal(product, need),
        "horizon": _horizon(product, need),
        "cash": _cash(product, who, need),
        "gap": _gap(product, who),
        "like": _like(product, who),
        "risk": _risk(product, who),
        "access": (1.0, {"en": "You can take the money out at any time.", "zh": "资金可随时支取。"})
        if product.liquid
        else (0.0, None),
    }


def _goal(product: ProductTerms, need: Need) -> tuple[float, Reason | None]:
    if need.goal is None or need.goal not in product.goals:
        return 0.0, None
    share = 1.0 if product.goals[0] == need.goal else 0.8  # the first is what it is made for
    return share, {
        "en": f"Made for your goal: {need.goal}.",
        "zh": f"符合您的目标：{GOALS_ZH.get(need.goal, need.goal)}。",
    }


def _horizon(product: ProductTerms, need: Need) -> tuple[float, Reason | None]:
    if need.horizon_months is None or product.horizon_months > need.horizon_months:
        return 0.0, None
    share = (product.horizon_months + 1) / (need.horizon_months + 1)
    return share, {
        "en": f"Fits your horizon of {need.horizon_months} months.",
        "zh": f"适合您 {need.horizon_months} 个月的期限。",
    }


def _cash(product: ProductTerms, who: InvestorProfile, need: Need) -> tuple[float, Reason | None]:
    """How much of the money that is to spare stays to spare, and whether months leave something over."""
    bought = _bought(product, need)
    if who.free_cash <= 0 or bought > who.free_cash:
        return 0.0, None
    left = float(1 - bought / who.free_cash) * (
        1.0 if who.surplus is None or who.surplus > 0 else 0.5
    )
    return left, {
        "en": "Your reserve of three months' income is not touched.",
        "zh": "不会动用您三个月收入的备用金。",
    }


def _gap(product: ProductTerms, who: InvestorProfile) -> tuple[float, Reason | None]:
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
    return 1.0, GAPS[missing]


def _like(product: ProductTerms, who: InvestorProfile) -> tuple[float, Reason | None]:
    share = who.retention_rates.get(product.code, 0.0)
    if share < MIN_SHARE_OF_LIKE:
        return share, None
    percent = f"{share:.0%}"
    return share, {
        "en": f"{percent} of customers like you have kept it for a year or longer.",
        "zh": f"与您情况相近的客户中有 {percent} 持有一年以上。",
    }


def _risk(product: ProductTerms, who: InvestorProfile) -> tuple[float, Reason | None]:
    share = 1 - (who.risk_level - product.risk_level) / 5
    return share, {
        "en": f"Risk R{product.risk_level} is within your level C{who.risk_level}.",
        "zh": f"风险等级 R{product.risk_level} 在您的承受等级 C{who.risk_level} 之内。",
    }


PROTECTION_FROM = 30  # years of age from which old age and death are planned for; house rule
MIN_SHARE_OF_LIKE = 0.05  # a share of like customers that is worth telling
GAPS: dict[str, Reason] = {
    "savings": {
        "en": "Builds the reserve that you do not have yet.",
        "zh": "帮助您建立尚缺的备用金。",
    },
    "insurance": {
        "en": "You have no protection for old age with us yet.",
        "zh": "您目前还没有养老保障。",
    },
    "fund": {"en": "None of your money is invested yet.", "zh": "您目前还没有任何投资。"},
}
GOALS_ZH = {
    "savings": "储蓄",
    "growth": "增值",
    "income": "稳定收益",
    "retirement": "养老",
    "home": "购房",
    "education": "教育",
    "protection": "保障",
    "everyday": "日常使用",
}


def _no(gate: str, **values: object) -> Exclusion:
    return Exclusion(gate, GATES[gate].both(**values))
