"""Advice: the gates and the ranking over real customers and products, stored as it was given."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.customers import queries as customers
from actions.customers.figures import figures_of
from actions.customers.insights import age_on
from actions.customers.models import Customer
from actions.products.models import Product
from actions.products.product_cache import products_on_sale
from actions.products.queries import name_of
from actions.products.terms import ProductTerms, terms_of
from actions.recommendations.models import Advice, RetentionRate
from actions.recommendations.outcomes import declined_by, live_models
from actions.recommendations.schemas import (
    Excluded,
    Recommendation,
    RecommendationRequest,
    RecommendationsOut,
)
from actions.recommendations.suitability import (
    RULES_VERSION,
    WEIGHTS,
    Exclusion,
    InvestorProfile,
    Need,
    Ranked,
    exclusion,
    rank,
)
from core.audit import record
from core.exchange_rates import convert, rate_table, rates_for
from core.identity import Caller, Participant, actor, require
from core.languages import Language
from core.localized_text import LocalizedText, translate
from core.money import BASE_CURRENCY, Money

MIN_LIKE = 10  # like customers, below whom a share tells of single people
DECLINED = Exclusion("offer.declined", LocalizedText("offer.declined"))
RESERVE_MONTHS = 3  # monthly incomes that stay on the account before money counts as free


async def recommend(
    session: AsyncSession,
    caller: Caller,
    customer: Customer,
    need_request: RecommendationRequest,
    language: Language,
    now: datetime,
) -> RecommendationsOut:
    """Products that fit the customer, best first; the advice is stored and audited."""
    if not isinstance(caller, Participant):
        require(caller, "recommendations:make")
    who = await investor_profile_of(session, customer, now)
    need = await _need(session, need_request, now.date())
    weights, version = await _weights(session)
    unwanted = await declined_by(session, customer, now)
    fitting, excluded = _sorted_out(
        await _in_base(session, await products_on_sale(session), now.date()),
        who,
        need,
        language,
        now.date(),
        weights,
        unwanted,
    )
    offers = heapq.nlargest(need_request.limit, fitting, key=lambda offer: offer[0].score)
    fitting_now = [_offer(product, ranked, language) for ranked, product in offers]
    advice = Advice(
        customer_id=customer.id,
        by=actor(caller),
        rules_version=RULES_VERSION,
        ranking_version=version,
        request=need_request.model_dump(mode="json"),
        situation=_stored(who),
        result={
            "recommendations": [
                {**offer.model_dump(mode="json"), "parts": ranked.parts}
                for offer, (ranked, _) in zip(fitting_now, offers, strict=True)
            ],
            "excluded": [out.model_dump(mode="json") for out in excluded],
        },
    )
    session.add(advice)
    await session.flush()
    await record(
        session, caller, "advice.given", f"customer:{customer.id}", {"advice": str(advice.id)}
    )
    return RecommendationsOut(recommendations=fitting_now, excluded=excluded, decision_id=advice.id)


async def _weights(session: AsyncSession) -> tuple[Mapping[str, float], int]:
    """What is ranked by: learned weights where a person switched them on, else the rules' own."""
    row = await session.scalar(live_models())
    return (row.weights, row.version) if row else (WEIGHTS, 0)


async def investor_profile_of(
    session: AsyncSession, customer: Customer, now: datetime
) -> InvestorProfile:
    """What is known of the customer now."""
    today = now.date()
    accounts = await customers.accounts_of(session, customer)
    holdings = await customers.holdings_of(session, customer)
    owned = {row.currency for row in accounts} | {holding.currency for holding, _ in holdings}
    rates = await rates_for(session, {*owned, BASE_CURRENCY}, today)
    held = {
        product.code: rates.convert(Money(holding.value, holding.currency), BASE_CURRENCY).amount
        for holding, product in holdings
    }
    figures = (await figures_of(session, [customer.id], now))[customer.id]
    months_of_bookings = figures.came or figures.went
    cash = sum(
        (rates.convert(Money(a.balance, a.currency), BASE_CURRENCY).amount for a in accounts),
        Decimal(),
    )
    return InvestorProfile(
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
        holdings=held,
        knowledge=frozenset(customer.knowledge),
        kinds_held=frozenset(product.kind for _, product in holdings),
        surplus=(figures.came - figures.went) / 3 if months_of_bookings else None,
        retention_rates=await _retention_rates(session, customer),
    )


async def _retention_rates(session: AsyncSession, customer: Customer) -> dict[str, float]:
    """What customers of the same segment and risk level have kept, by code; only where the customer may be profiled."""
    if not customer.consents.get("profiling"):
        return {}
    rows = (
        select(Product.code, RetentionRate.share)
        .join(Product, Product.id == RetentionRate.product_id)
        .where(
            RetentionRate.segment == customer.segment,
            RetentionRate.risk_level == customer.risk_level,
        )
        .where(RetentionRate.customers >= MIN_LIKE)
    )
    return {row[0]: row[1] for row in (await session.execute(rows)).all()}


def _sorted_out(
    products: Sequence[tuple[Product, ProductTerms]],
    who: InvestorProfile,
    need: Need,
    language: Language,
    today: date,
    weights: Mapping[str, float],
    unwanted: Set[UUID],
) -> tuple[list[tuple[Ranked, Product]], list[Excluded]]:
    fitting: list[tuple[Ranked, Product]] = []
    excluded: list[Excluded] = []
    for product, terms in products:
        failed = exclusion(terms, who, need, today)
        if failed is None and product.id in unwanted:
            failed = DECLINED
        if failed:
            excluded.append(
                Excluded(
                    product_id=product.id,
                    rule=failed.rule,
                    reason=translate(failed.reason, language),
                )
            )
        else:
            fitting.append((rank(terms, who, need, weights), product))
    return fitting, excluded


def _offer(product: Product, ranked: Ranked, language: Language) -> Recommendation:
    return Recommendation(
        product_id=product.id,
        name=name_of(product, language),
        risk_level=product.risk_level,
        score=ranked.score,
        reasons=[translate(reason, language) for reason in ranked.reasons],
        disclosures=product.disclosures[language],
    )


async def _need(session: AsyncSession, request: RecommendationRequest, today: date) -> Need:
    amount = await amount_in_base(session, request.amount, today)
    return Need(request.goal, amount, request.horizon_months)


async def amount_in_base(session: AsyncSession, amount: Money | None, on: date) -> Decimal | None:
    """What the rules compare with the customer's means: the amount in the base currency, if one was named."""
    return (await convert(session, amount, BASE_CURRENCY, on)).amount if amount else None


async def terms_in_base(session: AsyncSession, product: Product, on: date) -> ProductTerms:
    """A product's terms with its minimum in the base currency."""
    (_, terms), *_ = await _in_base(session, [(product, terms_of(product))], on)
    return terms


async def _in_base(
    session: AsyncSession, products: Sequence[tuple[Product, ProductTerms]], on: date
) -> Sequence[tuple[Product, ProductTerms]]:
    if all(product.currency == BASE_CURRENCY for product, _ in products):
        return products
    rates = await rate_table(session, on)

    def minimum(product: Product) -> Decimal:
        return rates.convert(Money(product.minimum, product.currency), BASE_CURRENCY).amount

    return [(product, replace(terms, minimum=minimum(product))) for product, terms in products]


def _stored(who: InvestorProfile) -> dict[str, object]:
    def plain(value: object) -> JsonValue:
        if isinstance(value, Mapping):
            return {name: str(inner) for name, inner in value.items()}
        return sorted(value) if isinstance(value, frozenset) else str(value)

    return {name: plain(value) for name, value in vars(who).items()}
