"""The risk rating and the checklist. Pure.

Factors and their order follow the EBA's guidelines on risk factors (EBA/GL/2021/02): customer, geography, product, channel,
behaviour. The points are the bank's; the intervals of review are those that supervisors expect (high 1, medium 3, low 5 years).
The threshold for beneficial owners is a quarter (Directive 2015/849, article 3(6)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from dateutil.relativedelta import relativedelta

from core.languages import Language

VERSION = 1
Level = Literal["low", "medium", "high"]
CustomerKind = Literal["person", "organisation"]
DocumentKind = Literal[
    "passport",
    "id_card",
    "proof_of_address",
    "tax_self_certification",
    "source_of_funds",
    "company_register",
    "ownership_register",
    "articles_of_association",
]
DocumentState = Literal["requested", "received", "verified", "rejected", "expired"]
POINTS = {
    "high_risk_country": 40,
    "politically_exposed": 30,
    "watchlist_review": 30,
    "not_met_in_person": 10,
    "organisation": 10,
    "layered_ownership": 15,
    "complex_products": 5,
    "high_turnover": 10,
    "open_alerts": 20,
}
LEVELS: tuple[tuple[int, Level], ...] = ((40, "high"), (20, "medium"), (0, "low"))
REVIEWED_AFTER: Mapping[Level, relativedelta] = {
    "high": relativedelta(years=1),
    "medium": relativedelta(years=3),
    "low": relativedelta(years=5),
}
HIGH_TURNOVER = Decimal(100_000)  # booked in ninety days
ADDRESS_GOOD_FOR = timedelta(days=365)
OWNER_FROM = Decimal(25)  # per cent
IDENTITY: tuple[DocumentKind, ...] = ("passport", "id_card")
MANY_OWNERS = 4  # from here ownership counts as layered


@dataclass(frozen=True)
class Facts:
    """What the rating reads."""

    kind: CustomerKind
    countries: frozenset[str]  # of nationality, residency and beneficial owners
    high_risk_countries: frozenset[str]
    politically_exposed: bool
    watchlist_review: bool
    met_in_person: bool
    owners: int
    complex_products: bool
    turnover: Decimal
    open_alerts: int


@dataclass(frozen=True)
class Rating:
    """The level, with the points of each factor that was found."""

    level: Level
    points: int
    factors: dict[str, int]
    review_on: date


def rate(facts: Facts, today: date) -> Rating:
    """How risky a customer is; no factor outweighs that a country or a politically exposed person is found."""
    points_by_factor = {
        "high_risk_country": bool(facts.countries & facts.high_risk_countries),
        "politically_exposed": facts.politically_exposed,
        "watchlist_review": facts.watchlist_review,
        "not_met_in_person": not facts.met_in_person,
        "organisation": facts.kind == "organisation",
        "layered_ownership": facts.owners >= MANY_OWNERS,
        "complex_products": facts.complex_products,
        "high_turnover": facts.turnover >= HIGH_TURNOVER,
        "open_alerts": facts.open_alerts > 0,
    }
    factors = {name: POINTS[name] for name, seen in points_by_factor.items() if seen}
    points = sum(factors.values())
    level = next(level for minimum, level in LEVELS if points >= minimum)
    return Rating(level, points, factors, today + REVIEWED_AFTER[level])


@dataclass(frozen=True)
class Paper:
    """A document as the checklist reads it."""

    kind: DocumentKind
    state: DocumentState
    issued_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True)
class Owner:
    """A beneficial owner as the checklist reads it."""

    share_percent: Decimal
    verified: bool
    screening: str


@dataclass(frozen=True)
class Item:
    """A line of the checklist: done, missing or expired, and what to do about it."""

    key: str
    state: Literal["done", "missing", "expired"]
    ask: Mapping[Language, str]


def checklist(
    kind: CustomerKind,
    level: Level | None,
    papers: Sequence[Paper],
    owners: Sequence[Owner],
    screening: str,
    today: date,
) -> list[Item]:
    """What must be there for a customer of this kind and risk, in the order in which it is asked."""
    items = (
        [_identity(papers, today)]
        if kind == "person"
        else [
            _paper("company_register", papers, today),
            _paper("articles_of_association", papers, today),
            *_owned(papers, owners, today),
        ]
    )
    items += [_address(papers, today), _paper("tax_self_certification", papers, today)]
    if level in ("medium", "high"):
        items.append(_paper("source_of_funds", papers, today))
    items.append(Item("screening", "done" if screening == "clear" else "missing", ASK["screening"]))
    items.append(Item("rating", "done" if level else "missing", ASK["rating"]))
    return items


def _identity(papers: Sequence[Paper], today: date) -> Item:
    checked_papers = [_paper(kind, papers, today, "identity") for kind in IDENTITY]
    return min(checked_papers, key=lambda item: ("done", "expired", "missing").index(item.state))


def _paper(
    kind: DocumentKind, papers: Sequence[Paper], today: date, key: str | None = None
) -> Item:
    mine = [
        paper for paper in papers if paper.kind == kind and paper.state in ("verified", "expired")
    ]
    good = [
        p for p in mine if p.state == "verified" and (p.expires_on is None or p.expires_on >= today)
    ]
    return Item(key or kind, "done" if good else "expired" if mine else "missing", ASK[key or kind])


def _address(papers: Sequence[Paper], today: date) -> Item:
    """A proof of address is good for a year after it was issued."""
    fresh = [
        paper
        for paper in papers
        if paper.kind != "proof_of_address"
        or (paper.issued_on is not None and paper.issued_on >= today - ADDRESS_GOOD_FOR)
    ]
    now = _paper("proof_of_address", fresh, today)
    return now if now.state != "missing" else _aged(papers, now)


def _aged(papers: Sequence[Paper], missing: Item) -> Item:
    old = any(paper.kind == "proof_of_address" and paper.state == "verified" for paper in papers)
    return Item(missing.key, "expired" if old else "missing", missing.ask)


def _owned(papers: Sequence[Paper], owners: Sequence[Owner], today: date) -> list[Item]:
    """The register, and that each owner of a quarter or more is verified and screened."""
    counted = [owner for owner in owners if owner.share_percent >= OWNER_FROM]
    complete = bool(owners) and all(
        owner.verified and owner.screening == "clear" for owner in counted
    )
    return [
        _paper("ownership_register", papers, today),
        Item("beneficial_owners", "done" if complete else "missing", ASK["beneficial_owners"]),
    ]


ASK: Mapping[str, Mapping[Language, str]] = {
    "identity": {
        "en": "See a valid passport or identity card and note its expiry.",
        "zh": "核验有效护照或身份证，并登记有效期。",
    },
    "proof_of_address": {
        "en": "Ask for a proof of address of the last twelve months.",
        "zh": "请客户提供近十二个月内的住址证明。",
    },
    "tax_self_certification": {
        "en": "Have the tax self-certification signed.",
        "zh": "请客户签署税收居民身份声明。",
    },
    "source_of_funds": {
        "en": "Ask where the money comes from, with a document.",
        "zh": "了解资金来源并留存证明材料。",
    },
    "company_register": {
        "en": "Get an extract of the company register.",
        "zh": "获取公司登记信息（工商登记）。",
    },
    "articles_of_association": {"en": "Get the articles of association.", "zh": "获取公司章程。"},
    "ownership_register": {
        "en": "Get an extract of the register of beneficial owners.",
        "zh": "获取受益所有人登记信息。",
    },
    "beneficial_owners": {
        "en": "Note every person with a quarter or more, verify and screen each.",
        "zh": "登记持股或表决权达 25% 的每一位受益所有人，并逐一核验和筛查。",
    },
    "screening": {
        "en": "Clear the names against the watchlists.",
        "zh": "完成名单筛查并处理命中。",
    },
    "rating": {"en": "Make the risk rating.", "zh": "完成风险评级。"},
}
