"""What of a customer is shown to whom: by role, and by the purpose that a person names with a reason.

Without a reason everything that identifies or reaches the customer is masked: enough to recognise, too little to use. With one,
a role sees what its work for that purpose needs (GDPR, article 5(1)(c); PIPL, article 6).
"""

from __future__ import annotations

from typing import Literal

from core.identity import Caller, Participant, Staff

Purpose = Literal["service", "sales", "complaint", "compliance"]
Field = Literal["contacts", "address", "document", "income", "counterparties", "iban", "birth_date"]
# By purpose and role, what is shown in full.
SHOWN: dict[Purpose, dict[str, frozenset[Field]]] = {
    "service": {
        "agent": frozenset({"contacts", "address", "counterparties", "birth_date"}),
        "supervisor": frozenset({"contacts", "address", "counterparties", "birth_date", "iban"}),
    },
    "sales": {
        "agent": frozenset({"contacts", "income"}),
        "supervisor": frozenset({"contacts", "income"}),
    },
    "complaint": {
        "agent": frozenset({"contacts", "address", "counterparties"}),
        "supervisor": frozenset({"contacts", "address", "counterparties", "iban", "birth_date"}),
    },
    "compliance": {
        "compliance_officer": frozenset(
            {"contacts", "address", "document", "income", "counterparties", "iban", "birth_date"}
        )
    },
}


def shown_to(caller: Caller, purpose: Purpose, reason: str | None) -> frozenset[Field]:
    """What the caller sees in full; nothing without a reason, nothing for applications, all of oneself."""
    match caller:
        case Participant():
            return frozenset({"contacts", "address", "counterparties", "birth_date"})
        case Staff(role=role) if reason:
            return SHOWN[purpose].get(role, frozenset())
    return frozenset()


def mask_email(email: str) -> str:
    """The first letter and the domain."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def mask_digits(number: str) -> str:
    """The last four characters."""
    return f"****{number[-4:]}"


def mask_words(text: str) -> str:
    """The first letter of each word."""
    return " ".join(f"{word[:1]}***" for word in text.split())
