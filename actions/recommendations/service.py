"Advice: the gates and the ranking over real customers and products, stored as it was given."

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers import queries as customers
from actions.customers.models import Customer
from actions.recommendations.models import Advice, Product
from actions.recommendations.schemas import (
    Excluded,
    Recommendation,
    RecommendationRequest,
    RecommendationsOut,
)  # fmt: skip
from actions.recommendations.suitability import RULES_VERSION, Need, Situation, Terms, exclusion, rank
from core.audit import record
from core.errors import Invalid
from core.identity import Caller, Participant, actor, require
from core.languages import Language

RESERVE_MONTHS = 3  # monthly incomes that stay on the account before money counts as free


def visible_products(caller: Caller) -> Select[Product]:
    "The catalogue; what is for sale only."
    require(caller, "products:read")
    return select(Product).where(Product.active)


async def recommend(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    wanted: RecommendationRequest,
    language: Language,
    now: datetime,
) -> RecommendationsOut:
    "Products that fit the customer, best first; the advice is stored and audited."
    if not isinstance(caller, Participant):
        require(caller, "recommendations:make")
    who = await situation_of(session, customer, now.date())
    need = _need(wanted)
    products = (await session.scalars(select(Product).where(Product.active).order_by(Product.code))).all()
    fitting, excluded = _sorted_out(products, who, need, language, now.date())
    fitting = sorted(fitting, key=lambda offer: -offer.score)[: wanted.limit]
    advice = Advice(
        customer_id=customer.id,
        by=actor(caller),
        rules_version=RULES_VERSION,
        request=wanted.model_dump(mode="json"),
        situation=_stored(who),
        result={
            "recommendations": [offer.model_dump(mode="json") for offer in fitting],
            "excluded": [out.model_dump(mode="json") for out in excluded],
        },
    )
    session.add(advice)
    await session.flush()
    await record(session, caller, "advice.given", f"customer:{customer.id}", {"advice": str(advice.id)})
    return RecommendationsOut(recommendations=fitting, excluded=excluded, decision_id=advice.id)


async def situation_of(session: AsyncSession, customer: Customer, today: date) -> Situation:
    "What is known of the customer today."
    accounts = await customers.accounts_of(session, customer)
    held = {product.code: holding.value for holding, product in await customers.holdings_of(session, customer)}
    cash = sum((account.balance for account in accounts), Decimal())
    return Situation(
        age=age_on(customer.birth_date, today),
        residency=customer.residency,
        segment=customer.segment,
        risk_level=int(customer.risk_level[1:]),
        risk_assessed_until=customer.risk_assessed_until,
        kyc_valid=customer.kyc_state == "verified" and customer.kyc_until >= today,
        experience=customer.experience,
        assets=cash + sum(held.values(), Decimal()),
        free_cash=max(cash - RESERVE_MONTHS * customer.monthly_income, Decimal()),
        monthly_income=customer.monthly_income,
        held=held,
    )


def age_on(born: date, today: date) -> int:
    "Full years."
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def terms_of(product: Product) -> Terms:
    "The product as the rules read it."
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


def name_of(product: Product, language: Language) -> str:
    "The product's name in a language."
    return product.name_zh if language == "zh" else product.name


def _sorted_out(
    products: Sequence[Product], who: Situation, need: Need, language: Language, today: date
) -> tuple[list[Recommendation], list[Excluded]]:
    fitting, excluded = [], []
    for product in products:
        terms = terms_of(product)
        if failed := exclusion(terms, who, need, today):
            excluded.append(Excluded(product_id=product.id, rule=failed.rule, reason=failed.reason[language]))
            continue
        score, reasons = rank(terms, who, need)
        fitting.append(
            Recommendation(
                product_id=product.id,
                name=name_of(product, language),
                risk_level=product.risk_level,
                score=score,
                reasons=[reason[language] for reason in reasons],
                disclosures=product.disclosures[language],
            )
        )
    return fitting, excluded


def _need(wanted: RecommendationRequest) -> Need:
    if wanted.amount is not None and wanted.amount.currency != "EUR":
        raise Invalid.field("amount", "Amounts are in EUR, the currency of the accounts.")
    return Need(wanted.goal, wanted.amount.amount if wanted.amount else None, wanted.horizon_months)


def _stored(who: Situation) -> dict[str, Any]:
    return {
        name: ({k: str(v) for k, v in value.items()} if isinstance(value, dict) else str(value))
        for name, value in vars(who).items()
    }
