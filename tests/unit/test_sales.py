"""Sales that may be and may not be: a table of expected decisions made without the rules, and random customers.

The table says of each fact by itself what it must lead to; a sale's decision is the gravest of them.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql

from actions.compliance.checks import Outcome, decide, replay
from actions.products.terms import ProductTerms
from actions.recommendations.suitability import InvestorProfile, Need, exclusion
from core.database import TypedJson
from core.errors import Conflict

TODAY = date(2026, 6, 1)
DIALECT = postgresql.dialect()
GRAVITY = ("allow", "review", "block")
CHECKS, CUSTOMERS = 2_000, 50_000

# Facts of the customer: what the officer's handbook says of each.
KYC = {
    "verified, valid": "allow",
    "verified, expired": "review",
    "pending": "review",
    "rejected": "block",
}
LISTS = {
    "nothing": "allow",
    "a resemblance": "review",
    "a sanctions entry of the same name and birth date": "block",
    "a sanctions entry of the same name, born another day": "review",
    "a PEP of the same name and birth date": "review",
}
ALERTS = {"none": "allow", "one": "review"}
# Facts of the product and the customer together.
FIT = {
    "fits": "allow",
    "risk above the level": "block",
    "assessment expired": "block",
    "too young": "block",
    "too old": "block",
    "lives elsewhere": "block",
    "another segment": "block",
    "below the minimum": "block",
    "bound for too long": "block",
    "no experience": "block",
    "too much of one product": "block",
    "held already": "block",
    "does not understand it": "block",
    "a note, not understood": "block",
    "nothing left in reserve": "block",
}
MATCHES = {
    "nothing": [],
    "a resemblance": [{"score": 0.8, "list": "sanctions", "birth_date_fits": False}],
    "a sanctions entry of the same name and birth date": [
        {"score": 1.0, "list": "sanctions", "birth_date_fits": True}
    ],
    "a sanctions entry of the same name, born another day": [
        {"score": 1.0, "list": "sanctions", "birth_date_fits": False}
    ],
    "a PEP of the same name and birth date": [
        {"score": 1.0, "list": "pep", "birth_date_fits": True}
    ],
}


def case_of(fit: str, kyc: str, r: random.Random) -> tuple[ProductTerms, InvestorProfile, Need]:  # noqa: PLR0912  (a way a line)
    """A product, a customer and a need that differ from a good sale in this one way."""
    who: dict[str, Any] = {
        "age": r.randrange(25, 60),
        "residency": "DE",
        "segment": "mass",
        "risk_level": 3,
        "risk_assessed_until": TODAY + timedelta(days=r.randrange(1, 900)),
        "kyc_valid": kyc == "verified, valid",
        "experience": "experienced",
        "assets": Decimal(r.randrange(60_000, 900_000)),
        "free_cash": Decimal(r.randrange(10_000, 50_000)),
        "monthly_income": Decimal(r.randrange(1_500, 9_000)),
        "holdings": {},
    }
    what: dict[str, Any] = {
        "code": "P",
        "kind": "fund",
        "risk_level": 3,
        "minimum": Decimal(r.randrange(100, 5_000)),
        "horizon_months": 24,
        "liquid": False,
        "goals": ("growth",),
        "segments": ("mass", "affluent"),
        "residencies": ("DE", "AT"),
        "minimum_age": 18,
        "maximum_age": 80,
        "once": True,
    }
    need: dict[str, Any] = {
        "horizon_months": r.randrange(24, 120),
        "amount": Decimal(r.randrange(5_000, 9_000)),
    }
    match fit:
        case "risk above the level":
            what["risk_level"] = r.choice((4, 5))
        case "assessment expired":
            who["risk_assessed_until"] = TODAY - timedelta(days=r.randrange(1, 400))
        case "too young":
            who["age"] = r.randrange(10, 18)
        case "too old":
            who["age"] = r.randrange(81, 99)
        case "lives elsewhere":
            who["residency"] = r.choice(("US", "FR"))
        case "another segment":
            who["segment"] = "private"
        case "below the minimum":
            need["amount"] = what["minimum"] - Decimal("0.01")
        case "bound for too long":
            need["horizon_months"] = r.randrange(1, 24)
        case "no experience":
            what["risk_level"] = who["risk_level"] = 4
            who["experience"] = r.choice(("none", "basic"))
        case "does not understand it":
            what["risk_level"] = who["risk_level"] = r.choice((4, 5))
            who["knowledge"] = frozenset({"note"})
        case "a note, not understood":
            what["kind"] = "note"
            who["knowledge"] = frozenset({"fund"})
        case "nothing left in reserve":
            who["free_cash"] = need["amount"] - Decimal("0.01")
        case "too much of one product":
            need["amount"] = who["assets"] * Decimal("0.36")
        case "held already":
            who["holdings"] = {"P": Decimal(10)}
    return ProductTerms(**what), InvestorProfile(**who), Need(**need)


def checks() -> list[tuple[dict[str, Any], str]]:
    """Facts of sales with the expected decisions."""
    r = random.Random(20260601)
    found = []
    for _ in range(CHECKS):
        fit = "fits" if r.random() < 0.4 else r.choice(list(FIT))
        kyc = "verified, valid" if r.random() < 0.6 else r.choice(list(KYC))
        listed = "nothing" if r.random() < 0.6 else r.choice(list(LISTS))
        alerts = "none" if r.random() < 0.8 else "one"
        terms, who, need = case_of(fit, kyc, r)
        failed = exclusion(terms, who, need, TODAY)
        facts = {
            "kyc_state": kyc.split(",", maxsplit=1)[0],
            "kyc_valid": who.kyc_valid,
            "watchlist_matches": MATCHES[listed],
            "open_alerts": int(alerts == "one"),
            "marketing_consent": r.random() < 0.5,
            "amount": str(need.amount),
            "product": "P",
            "unsuitable_rule": failed.rule if failed else None,
            "unsuitable_reason": failed.reason.as_json() if failed else None,
        }
        # A customer whose identity is not proven is sold nothing, whatever else is said of the product.
        suits = "block" if kyc != "verified, valid" else FIT[fit]
        found.append(
            (facts, max((KYC[kyc], LISTS[listed], ALERTS[alerts], suits), key=GRAVITY.index))
        )
    return found


def test_two_thousand_sales_are_decided_as_the_table_says() -> None:
    wrong = [
        (facts, wanted) for facts, wanted in checks() if decide("product_sale", facts)[0] != wanted
    ]
    assert wrong == []


def test_a_stored_decision_replays_bit_for_bit() -> None:
    for facts, _ in checks()[:500]:
        decision, outcomes = decide("product_sale", facts)
        column = TypedJson(list[Outcome])
        stored = json.dumps([decision, column.process_bind_param(outcomes, DIALECT)])
        rules = json.loads(json.dumps(column.process_bind_param(outcomes, DIALECT)))
        loaded = TypeAdapter(list[Outcome]).validate_python(
            column.process_result_value(rules, DIALECT)
        )
        again, same = replay("product_sale", json.loads(json.dumps(facts)), loaded)
        assert json.dumps([again, column.process_bind_param(same, DIALECT)]) == stored


def test_a_decision_of_a_rule_that_is_gone_does_not_replay_to_something_else() -> None:
    facts, _ = checks()[0]
    _, outcomes = decide("product_sale", facts)
    old = [replace(outcome, version=99) for outcome in outcomes]
    with pytest.raises(Conflict, match="v99"):
        replay("product_sale", facts, old)


def suits(product: ProductTerms, who: InvestorProfile, need: Need) -> bool:
    """What must hold of every product that is offered, said without the rules."""
    amount = need.amount if need.amount is not None else who.free_cash
    bought = need.amount if need.amount is not None else product.minimum
    whole = who.holdings.get(product.code, Decimal()) + bought
    return all(
        (
            who.kyc_valid,
            product.minimum_age <= who.age <= (product.maximum_age or 200),
            who.residency in product.residencies or not product.residencies,
            who.segment in product.segments or not product.segments,
            not (product.once and product.code in who.holdings),
            amount >= product.minimum,
            product.risk_level <= who.risk_level,
            product.risk_level == 1 or who.risk_assessed_until >= TODAY,
            product.liquid
            or need.horizon_months is None
            or product.horizon_months <= need.horizon_months,
            product.risk_level < 4 or who.experience == "experienced",
            (product.risk_level < 4 and product.kind != "note") or product.kind in who.knowledge,
            product.liquid or bought <= who.free_cash,
            product.risk_level < 3 or who.assets <= 0 or whole <= Decimal("0.35") * who.assets,
        )
    )


def test_no_unsuitable_product_passes_over_fifty_thousand_customers() -> None:
    r = random.Random(7)
    passed = 0
    for _ in range(CUSTOMERS):
        code = r.choice("PQ")
        product = ProductTerms(
            code="P",
            kind=r.choice(("fund", "note", "deposit")),
            risk_level=r.randrange(1, 6),
            minimum=Decimal(r.choice((0, 500, 10_000))),
            horizon_months=r.choice((0, 12, 60)),
            liquid=r.random() < 0.5,
            goals=("growth",),
            segments=r.choice(((), ("mass",), ("private", "affluent"))),
            residencies=r.choice(((), ("DE",), ("GB", "DE"))),
            minimum_age=r.choice((0, 18, 30)),
            maximum_age=r.choice((None, 65)),
            once=r.random() < 0.3,
        )
        who = InvestorProfile(
            age=r.randrange(5, 95),
            residency=r.choice(("DE", "GB", "US")),
            segment=r.choice(("mass", "affluent", "private")),
            risk_level=r.randrange(1, 6),
            risk_assessed_until=TODAY + timedelta(days=r.randrange(-200, 900)),
            kyc_valid=r.random() < 0.9,
            experience=r.choice(("none", "basic", "experienced")),
            assets=Decimal(r.randrange(0, 200_000)),
            free_cash=Decimal(r.randrange(0, 60_000)),
            monthly_income=Decimal(3_000),
            holdings={code: Decimal(r.randrange(1, 50_000))} if r.random() < 0.4 else {},
            knowledge=frozenset(kind for kind in ("fund", "note", "deposit") if r.random() < 0.6),
        )
        need = Need(
            None, r.choice((None, Decimal(r.randrange(0, 80_000)))), r.choice((None, 6, 12, 60))
        )
        offered = exclusion(product, who, need, TODAY) is None
        assert offered == suits(product, who, need), (product, who, need)
        passed += offered
    assert passed > CUSTOMERS / 100  # the rules do not simply refuse everything
