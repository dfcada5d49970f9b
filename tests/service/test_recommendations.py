"""Advice: what is declined is not offered again, needs are asked and not guessed, weights learned from outcomes wait for a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, select, text

from actions.customers.models import Customer, Holding
from actions.products.models import Product
from actions.products.terms import ProductTerms
from actions.recommendations import outcomes
from actions.recommendations.knowledge import STATEMENTS, show_knowledge
from actions.recommendations.models import Advice
from actions.recommendations.schemas import RecommendationRequest
from actions.recommendations.service import recommend
from actions.recommendations.suitability import WEIGHTS, InvestorProfile, Need, rank
from assistant.demonstration.products import products
from core.errors import Conflict, Invalid, NotAllowed
from core.languages import LANGUAGES
from core.localized_text import translate
from tests.bank import Bank
from tests.tickets import Desk, at, opened_desk

NOW = at(20)
ANYTHING = RecommendationRequest(limit=20)


@pytest.fixture(scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path_factory.mktemp("advice")) as made:
        async with made.database.transaction() as session:
            session.add_all(products())
        yield made


async def rich(desk: Desk, **given: Any) -> Customer:
    """A customer with money to spare."""
    customer = await desk.customer(
        **{"risk_level": "C5", "experience": "experienced", "consents": {"profiling": True}} | given
    )
    async with desk.database.transaction() as session:
        await session.execute(
            text("update accounts set balance = 90000 where customer_id = :id"), {"id": customer.id}
        )
    return customer


async def test_what_was_declined_is_listed_as_such_until_the_time_is_over(desk: Desk) -> None:
    agent, customer = await desk.staff(), await rich(desk)
    async with desk.database.transaction() as session:
        first = await recommend(session, agent, customer, ANYTHING, "en", NOW)
        unwanted = first.recommendations[0].product_id
        assert await outcomes.decline(session, agent, customer, [unwanted], NOW) == 1
        again = await recommend(session, agent, customer, ANYTHING, "zh", NOW)
        assert unwanted not in [offer.product_id for offer in again.recommendations]
        assert [out.rule for out in again.excluded if out.product_id == unwanted] == [
            "offer.declined"
        ]
        later = await recommend(
            session, agent, customer, ANYTHING, "en", NOW + outcomes.DECLINED_FOR
        )
        assert unwanted in [offer.product_id for offer in later.recommendations]
        with pytest.raises(Invalid):
            await outcomes.decline(session, agent, customer, [customer.id], NOW)


async def test_a_complex_product_waits_until_it_is_understood(desk: Desk) -> None:
    agent, customer = await desk.staff(), await rich(desk)
    async with desk.database.transaction() as session:
        held = await session.get_one(Customer, customer.id)
        equity = await session.scalar(select(Product.id).where(Product.code == "EQG-60"))
        before = await recommend(session, agent, held, ANYTHING, "en", NOW)
        assert [out.rule for out in before.excluded if out.product_id == equity] == [
            "suitability.knowledge"
        ]
        right = [statement.true for statement in STATEMENTS["fund"]]
        assert await show_knowledge(session, agent, held, "fund", right, NOW)
        after = await recommend(session, agent, held, ANYTHING, "en", NOW)
        assert "suitability.knowledge" not in [
            out.rule for out in after.excluded if out.product_id == equity
        ]
        assert not await show_knowledge(
            session, agent, held, "fund", [not true for true in right], NOW
        )
        assert held.knowledge == []
        with pytest.raises(Invalid):
            await show_knowledge(session, agent, held, "fund", right[:1], NOW)


async def test_advice_is_kept_as_it_was_given(desk: Desk) -> None:
    agent, customer = await desk.staff(), await rich(desk)
    wanted = RecommendationRequest(goal="growth", horizon_months=60, limit=3)
    async with desk.database.transaction() as session:
        told = await recommend(session, agent, customer, wanted, "en", NOW)
        kept = await session.get_one(Advice, told.decision_id)
    offers = [
        {k: v for k, v in offer.items() if k != "parts"} for offer in kept.result["recommendations"]
    ]
    assert offers == [offer.model_dump(mode="json") for offer in told.recommendations]
    assert set(kept.result["recommendations"][0]["parts"]) == set(WEIGHTS)
    assert all(offer.disclosures and offer.reasons for offer in told.recommendations)


def situation(**given: Any) -> InvestorProfile:
    plain: dict[str, Any] = {
        "age": 40,
        "residency": "DE",
        "segment": "mass",
        "risk_level": 3,
        "risk_assessed_until": date(2030, 1, 1),
        "kyc_valid": True,
        "experience": "basic",
        "assets": Decimal(90_000),
        "free_cash": Decimal(30_000),
        "monthly_income": Decimal(3_000),
    }
    return InvestorProfile(**plain | given)


def terms(kind: str, **given: Any) -> ProductTerms:
    plain: dict[str, Any] = {
        "code": kind,
        "kind": kind,
        "risk_level": 2,
        "minimum": Decimal(100),
        "horizon_months": 12,
        "liquid": True,
        "goals": ("growth",),
    }
    return ProductTerms(**plain | given)


@pytest.mark.parametrize(
    ("who", "first"),
    [
        ({"free_cash": Decimal(0)}, "savings"),  # no reserve yet
        ({}, "insurance"),  # a reserve, and no protection
        ({"kinds_held": frozenset({"insurance"})}, "fund"),  # nothing that works
        ({"age": 25}, "fund"),  # too early for protection
    ],
)
def test_the_first_thing_that_is_missing_ranks_first(who: dict[str, Any], first: str) -> None:
    offers = [terms(kind) for kind in ("savings", "insurance", "fund")]
    best = max(offers, key=lambda offer: rank(offer, situation(**who), Need()).score)
    assert best.kind == first


def test_what_like_customers_keep_is_told_with_its_share() -> None:
    ranked = rank(
        terms("fund"), situation(retention_rates={"fund": 0.42}), Need("growth", Decimal(500), 24)
    )
    assert any(
        all("42%" in translate(reason, language) for language in LANGUAGES)
        for reason in ranked.reasons
    )
    assert ranked.score == pytest.approx(
        sum(WEIGHTS[name] * share for name, share in ranked.parts.items()), abs=1e-3
    )
    assert sum(WEIGHTS.values()) == pytest.approx(1)


async def test_weights_are_learned_beside_the_rules_and_switched_on_by_a_person(desk: Desk) -> None:
    supervisor, agent = await desk.staff("supervisor"), await desk.staff()
    with pytest.raises(NotAllowed):
        async with desk.database.transaction() as session:
            await outcomes.learn(session, agent, NOW)
    with pytest.raises(Conflict, match="needed to learn"):
        async with desk.database.transaction() as session:
            await outcomes.learn(session, supervisor, NOW)
    customer = await rich(desk)
    await given_and_bought(desk, customer, 120)
    async with desk.database.transaction() as session:
        learned = await outcomes.learn(session, supervisor, NOW)
        assert not learned.live
        assert learned.weights["access"] == max(
            learned.weights.values()
        )  # customers here buy what they can get out of
        assert learned.measured["learned"] > learned.measured["rules"]
        assert sum(learned.weights.values()) == pytest.approx(1, abs=1e-3)
    async with desk.database.transaction() as session:
        by_rules = await recommend(session, agent, customer, ANYTHING, "en", NOW)
        await outcomes.switch(session, supervisor, learned.version, live=True)
        by_weights = await recommend(session, agent, customer, ANYTHING, "en", NOW)
        kept = await session.get_one(Advice, by_weights.decision_id)
        assert kept.ranking_version == learned.version
        passed = [
            {offer.product_id for offer in told.recommendations} for told in (by_rules, by_weights)
        ]
        assert len(passed[0]) == len(passed[1]) == 20
        await outcomes.switch(session, supervisor, learned.version, live=False)
        assert (
            await recommend(session, agent, customer, ANYTHING, "en", NOW)
        ).recommendations == by_rules.recommendations


async def given_and_bought(desk: Desk, customer: Customer, count: int) -> None:
    """Advice of two offers each, of which the one that gives access was bought."""
    draw = np.random.default_rng(5)
    async with desk.database.transaction() as session:
        await session.execute(delete(Advice))
        keys = list((await session.scalars(select(Product.id).order_by(Product.code))).all())
        for number in range(count):
            at_day = NOW - timedelta(days=400 - number * 2)
            pair = draw.choice(len(keys), 2, replace=False)
            owner = await desk.customer()
            offers = [
                {
                    "product_id": str(keys[pair[turn]]),
                    "parts": {name: float(draw.random()) for name in WEIGHTS}
                    | {"access": 1.0 - turn},
                }
                for turn in (0, 1)
            ]
            session.add(
                Advice(
                    customer_id=owner.id,
                    by="test",
                    rules_version=2,
                    request={},
                    situation={},
                    result={"recommendations": offers, "excluded": []},
                    created_at=at_day,
                )
            )
            session.add(
                Holding(
                    customer_id=owner.id,
                    product_id=keys[pair[0]],
                    currency="EUR",
                    value=Decimal(100),
                    bought_on=at_day.date() + timedelta(days=3),
                )
            )


@pytest.mark.parametrize(
    ("language", "customer", "opening", "answers", "asked", "no"),
    [
        (
            "en",
            4,
            "recommend a product for me",
            ("Growth", "4000", "5 years"),
            ("How much", "how long"),
            "none of these, thank you",
        ),
        ("zh", 9, "给我推荐一个产品", ("增值", "四千", "5年"), ("多少", "多久"), "都不需要，谢谢"),
    ],
)
def test_needs_are_asked_one_by_one_and_no_thanks_is_remembered(
    bank: Bank,
    language: str,
    customer: int,
    opening: str,
    answers: tuple[str, ...],
    asked: tuple[str, str],
    no: str,
) -> None:
    chat = bank.chat(language, customer=customer)
    first = chat.say(opening)
    assert "recommendation.shown" in first.actions
    goal, amount, horizon = (chat.say(answer) for answer in answers)
    assert asked[0].lower() in goal.text.lower()
    assert asked[1].lower() in amount.text.lower()
    assert horizon.actions == ["recommendation.shown"]
    assert len(horizon.payloads) == 1  # nothing more is asked
    assert chat.say(no).actions == []
    again = chat.say(opening)
    shown = [line for line in horizon.text.split("\n") if line.startswith("•")]
    assert not {line.split("(")[0] for line in shown} & {
        line.split("(")[0] for line in again.text.split("\n")
    }
