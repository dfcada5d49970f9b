"""The risk rating and the checklist by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from actions.compliance.kyc.rules import ASK, Facts, Owner, Paper, checklist, rate

TODAY = date(2026, 6, 1)
PLAIN = Facts(
    kind="person",
    countries=frozenset({"DE"}),
    high_risk_countries=frozenset({"IR"}),
    politically_exposed=False,
    watchlist_review=False,
    met_in_person=True,
    owners=0,
    complex_products=False,
    turnover=Decimal(5_000),
    open_alerts=0,
)
PERSON = [
    Paper("passport", "verified", expires_on=date(2030, 1, 1)),
    Paper("proof_of_address", "verified", issued_on=date(2026, 1, 1)),
    Paper("tax_self_certification", "verified"),
]


@pytest.mark.parametrize(
    ("change", "level", "review"),
    [
        ({}, "low", date(2031, 6, 1)),
        ({"met_in_person": False, "turnover": Decimal(100_000)}, "medium", date(2029, 6, 1)),
        ({"countries": frozenset({"DE", "IR"})}, "high", date(2027, 6, 1)),
        ({"politically_exposed": True}, "medium", date(2029, 6, 1)),
        ({"politically_exposed": True, "met_in_person": False}, "high", date(2027, 6, 1)),
        ({"kind": "organisation", "owners": 4}, "medium", date(2029, 6, 1)),
        ({"open_alerts": 1}, "medium", date(2029, 6, 1)),
    ],
)
def test_the_level_follows_from_the_factors(
    change: dict[str, Any], level: str, review: date
) -> None:
    found = rate(replace(PLAIN, **change), TODAY)
    assert (found.level, found.review_on) == (level, review)
    assert found.points == sum(found.factors.values())


def missing(
    papers: list[Paper], level: Any = "low", screening: str = "clear", **given: Any
) -> dict[str, str]:
    items = checklist(
        given.get("kind", "person"), level, papers, given.get("owners", []), screening, TODAY
    )
    return {item.key: item.state for item in items if item.state != "done"}


@pytest.mark.parametrize(
    ("papers", "given", "expected"),
    [
        (PERSON, {}, {}),
        (PERSON[1:], {}, {"identity": "missing"}),
        ([Paper("id_card", "verified"), *PERSON[1:]], {}, {}),
        (
            [Paper("passport", "verified", expires_on=TODAY - timedelta(days=1)), *PERSON[1:]],
            {},
            {"identity": "expired"},
        ),
        ([Paper("passport", "received"), *PERSON[1:]], {}, {"identity": "missing"}),
        (
            [
                PERSON[0],
                Paper("proof_of_address", "verified", issued_on=date(2025, 5, 1)),
                PERSON[2],
            ],
            {},
            {"proof_of_address": "expired"},
        ),
        (PERSON, {"level": "high"}, {"source_of_funds": "missing"}),
        (PERSON, {"level": None}, {"rating": "missing"}),
        (PERSON, {"screening": "review"}, {"screening": "missing"}),
    ],
)
def test_what_a_person_lacks(
    papers: list[Paper], given: dict[str, Any], expected: dict[str, str]
) -> None:
    assert missing(papers, **given) == expected


COMPANY = [
    Paper(kind, "verified")
    for kind in ("company_register", "articles_of_association", "ownership_register")
] + PERSON[1:]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([], {"beneficial_owners": "missing"}),
        ([Owner(Decimal(60), True, "clear"), Owner(Decimal(40), True, "clear")], {}),
        (
            [Owner(Decimal(60), True, "clear"), Owner(Decimal(40), False, "clear")],
            {"beneficial_owners": "missing"},
        ),
        ([Owner(Decimal(60), True, "review")], {"beneficial_owners": "missing"}),
        ([Owner(Decimal(80), True, "clear"), Owner(Decimal("24.99"), False, "clear")], {}),
    ],
)
def test_every_owner_of_a_quarter_is_known(owners: list[Owner], expected: dict[str, str]) -> None:
    assert missing(COMPANY, kind="organisation", owners=owners) == expected


def test_everything_is_asked_in_both_languages() -> None:
    assert all(set(text) == {"en", "zh"} for text in ASK.values())
