"""Whether two descriptions are of one person: evidence for and against, added up. Pure.

The model is Fellegi and Sunter's (1969): each field that agrees or differs changes the log-odds, which start at how unlikely it
is that two people who share a document number, an address or a birthday are one. The weights are set by hand; between the two
thresholds a person decides. Names are compared across scripts and spellings, as screening does it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz

from actions.name_matching.comparison import compare

PRIOR = -8.0
LINK, REVIEW = (
    0.97,
    0.4,
)  # probabilities from which a row is linked by itself, and from which a person looks
WEIGHTS: Mapping[str, float] = {
    "document_same": 9.0,
    "document_differs": -4.0,
    "email_same": 5.0,
    "email_differs": -0.5,
    "phone_same": 3.0,
    "birth_same": 4.0,
    "birth_swapped": 0.5,
    "birth_differs": -5.0,
    "name_same": 5.0,
    "name_like": 3.0,
    "name_near": 1.0,
    "name_differs": -5.0,
    "address_like": 1.0,
}
SAME_NAME, LIKE_NAME, NEAR_NAME, OTHER_NAME = (
    0.95,
    0.78,
    0.65,
    0.5,
)  # 0.78: a middle name that one side leaves out
LIKE_ADDRESS = 90  # token-set ratio of rapidfuzz


@dataclass(frozen=True)
class PersonRecord:
    """A person as somebody describes them; what is not known is None."""

    name: str
    native_name: str | None = None
    birth_date: date | None = None
    document: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Match:
    """The probability that two descriptions are of one person, and what it rests on."""

    score: float
    reasons: tuple[str, ...]


def match(one: PersonRecord, other: PersonRecord) -> Match:
    """How likely two descriptions are of one person."""
    evidence = [
        *_document(one, other),
        *_contacts(one, other),
        *_birth(one, other),
        _name(one, other),
        *_address(one, other),
    ]
    reasons = [reason for reason in evidence if reason]
    odds = PRIOR + sum(WEIGHTS[reason] for reason in reasons)
    return Match(round(1 / (1 + math.exp(-odds)), 4), tuple(reasons))


def _document(one: PersonRecord, other: PersonRecord) -> list[str]:
    if not one.document or not other.document:
        return []
    return [
        "document_same" if _plain(one.document) == _plain(other.document) else "document_differs"
    ]


def _contacts(one: PersonRecord, other: PersonRecord) -> list[str]:
    contact_evidence = []
    if one.email and other.email:
        contact_evidence.append(
            "email_same" if one.email.lower() == other.email.lower() else "email_differs"
        )
    if one.phone and one.phone == other.phone:
        contact_evidence.append("phone_same")
    return contact_evidence


def _birth(one: PersonRecord, other: PersonRecord) -> list[str]:
    first, second = one.birth_date, other.birth_date
    if first is None or second is None:
        return []
    if first == second:
        return ["birth_same"]
    swapped = (first.year, first.month, first.day) == (second.year, second.day, second.month)
    return ["birth_swapped" if swapped else "birth_differs"]


def _name(one: PersonRecord, other: PersonRecord) -> str:
    names = [name for name in (one.name, one.native_name) if name]
    others = [name for name in (other.name, other.native_name) if name]
    best = max(compare(name, another, "person").score for name in names for another in others)
    if best >= SAME_NAME:
        return "name_same"
    if best >= LIKE_NAME:
        return "name_like"
    if best >= NEAR_NAME:
        return "name_near"
    return "name_differs" if best < OTHER_NAME else ""


def _address(one: PersonRecord, other: PersonRecord) -> list[str]:
    if not one.address or not other.address:
        return []
    return (
        ["address_like"]
        if fuzz.token_set_ratio(one.address.lower(), other.address.lower()) >= LIKE_ADDRESS
        else []
    )


def _plain(number: str) -> str:
    return "".join(character for character in number.upper() if character.isalnum())


def person_record(content: Mapping[str, Any]) -> PersonRecord:
    """A row of a source as the matching reads it."""
    born = content.get("birth_date")
    return PersonRecord(
        name=str(content["name"]),
        native_name=content.get("native_name"),
        document=content.get("document_number"),
        birth_date=date.fromisoformat(born) if isinstance(born, str) else born,
        email=content.get("email"),
        phone=content.get("phone"),
        address=content.get("address"),
    )
