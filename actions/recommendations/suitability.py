"Which products fit a customer: eligibility and suitability as hard gates, then a ranking by need. Pure rules."

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.languages import Language

RULES_VERSION = 1
EXPERIENCE = ("none", "basic", "experienced")
CONCENTRATION_LIMIT = Decimal("0.35")  # share of one product in all assets, from R3 up; the bank's house rule
COMPLEX_FROM = 4  # R4 and R5 ask for an experienced customer (MiFID II, article 25(3): appropriateness)
ADULT = 18


@dataclass(frozen=True)
class Situation:
    "What is known of the customer when advice is given; amounts in the bank's currency."

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
    held: dict[str, Decimal] = field(default_factory=dict)  # product code -> value


@dataclass(frozen=True)
class Need:
    "What the customer said: never guessed."

    goal: str | None = None
    amount: Decimal | None = None
    horizon_months: int | None = None


@dataclass(frozen=True)
class Terms:
    "What counts of a product."

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


@dataclass(frozen=True)
class Exclusion:
    "Why a product does not fit: the rule's id and a sentence in each language."

    rule: str
    reason: dict[Language, str]


def exclusion(product: Terms, who: Situation, need: Need, today: date) -> Exclusion | None:
    "The first hard gate that the product fails for this customer, or None when it may be offered."
    return _ineligible(product, who, need) or _unsuitable(product, who, need, today)


def _ineligible(product: Terms, who: Situation, need: Need) -> Exclusion | None:  # noqa: PLR0911  (a gate a line)
    if not who.kyc_valid:
        return _no("eligibility.kyc", "The identity check must be renewed first.", "需先更新身份认证（KYC）。")
    if who.age < product.minimum_age or (product.maximum_age is not None and who.age > product.maximum_age):
        return _no("eligibility.age", "The age limits of the product are not met.", "不符合产品的年龄要求。")
    if product.residencies and who.residency not in product.residencies:
        return _no("eligibility.residency", "Not offered in the country of residence.", "不在您的居住地销售。")
    if product.segments and who.segment not in product.segments:
        return _no("eligibility.segment", "Offered to other customer segments.", "仅面向其他客户层级。")
    if product.once and product.code in who.held:
        return _no("eligibility.held", "Already held.", "您已持有该产品。")
    if (need.amount if need.amount is not None else who.free_cash) < product.minimum:
        return _no(
            "eligibility.minimum", f"The minimum is {product.minimum:,.2f}.", f"起点金额为 {product.minimum:,.2f}。"
        )
    return None


def _unsuitable(product: Terms, who: Situation, need: Need, today: date) -> Exclusion | None:
    if product.risk_level > 1 and who.risk_assessed_until < today:
        return _no("suitability.assessment", "The risk assessment has expired.", "风险测评已过期。")
    if product.risk_level > who.risk_level:
        return _no(
            "suitability.risk",
            f"Risk R{product.risk_level} is above the customer's level C{who.risk_level}.",
            f"产品风险等级 R{product.risk_level} 高于您的承受等级 C{who.risk_level}。",
        )
    if need.horizon_months is not None and not product.liquid and product.horizon_months > need.horizon_months:
        return _no(
            "suitability.horizon",
            f"The money is bound for {product.horizon_months} months, longer than planned.",
            f"资金需锁定 {product.horizon_months} 个月，超过您的计划期限。",
        )
    if product.risk_level >= COMPLEX_FROM and who.experience != EXPERIENCE[-1]:
        return _no("suitability.experience", "It asks for experience with such products.", "需要相关投资经验。")
    return _too_concentrated(product, who, need)


def _too_concentrated(product: Terms, who: Situation, need: Need) -> Exclusion | None:
    bought = need.amount if need.amount is not None else product.minimum
    share = who.held.get(product.code, Decimal()) + bought
    if product.risk_level > 2 and who.assets > 0 and share / who.assets > CONCENTRATION_LIMIT:  # noqa: PLR2004
        return _no(
            "suitability.concentration",
            "It would be more than 35 % of the customer's assets.",
            "该产品将超过您总资产的 35%。",
        )
    return None


def rank(product: Terms, who: Situation, need: Need) -> tuple[float, list[dict[Language, str]]]:
    "A score from 0 to 1 and the reasons for it, for a product that passed the gates."
    score, reasons = 0.3, list[dict[Language, str]]()
    if need.goal and need.goal in product.goals:
        score += 0.35
        reasons.append(
            {"en": f"Made for your goal: {need.goal}.", "zh": f"符合您的目标：{GOALS_ZH.get(need.goal, need.goal)}。"}
        )
    if need.horizon_months is not None and product.horizon_months <= need.horizon_months:
        score += 0.15 * (product.horizon_months + 1) / (need.horizon_months + 1)
        reasons.append({"en": f"Fits your horizon of {need.horizon_months} months.",
                        "zh": f"适合您 {need.horizon_months} 个月的期限。"})  # fmt: skip
    score += 0.15 * (1 - (who.risk_level - product.risk_level) / 5)
    reasons.append({"en": f"Risk R{product.risk_level} is within your level C{who.risk_level}.",
                    "zh": f"风险等级 R{product.risk_level} 在您的承受等级 C{who.risk_level} 之内。"})  # fmt: skip
    if product.liquid:
        score += 0.05
        reasons.append({"en": "You can take the money out at any time.", "zh": "资金可随时支取。"})
    if product.code not in who.held:
        score += 0.05
    return round(min(score, 1.0), 4), reasons


GOALS_ZH = {"savings": "储蓄", "growth": "增值", "income": "稳定收益", "retirement": "养老", "home": "购房",
            "education": "教育", "protection": "保障", "everyday": "日常使用"}  # fmt: skip


def _no(rule: str, en: str, zh: str) -> Exclusion:
    return Exclusion(rule, {"en": en, "zh": zh})
