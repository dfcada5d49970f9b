"""A customer and what belongs to them as they are shown: masked to what the reader needs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypedDict

from pydantic import JsonValue

from actions.customers.card_control.models import CardRequest
from actions.customers.insights import Scores, each_score, lists_of
from actions.customers.masks import Field, mask_digits, mask_email, mask_words
from actions.customers.models import (
    Account,
    Card,
    CardState,
    ControlState,
    Customer,
    Holding,
    Loan,
    Transaction,
)
from actions.customers.schemas import (
    CardOut,
    CardRequestOut,
    CustomerOut,
    Portrait,
    ScoreOut,
)
from actions.products.models import Product
from core.money import Money, in_base_currency


class AccountRow(TypedDict):
    """An account with its balance."""

    id: str
    kind: str
    iban: str
    balance: dict[str, str]


class CardRow(TypedDict):
    """A card."""

    id: str
    kind: str
    number: str
    state: CardState
    control: ControlState | None
    expires_on: str


class LoanRow(TypedDict):
    """A loan."""

    id: str
    kind: str
    outstanding: dict[str, str]
    instalment: dict[str, str]
    rate_percent: str
    next_due_on: str
    ends_on: str


class HoldingRow(TypedDict):
    """A holding with its product."""

    id: str
    product_id: str
    name: str
    name_zh: str
    risk_level: str
    value: dict[str, str]


class TransactionRow(TypedDict):
    """A booking."""

    id: str
    booked_at: str
    amount: dict[str, str]
    counterparty: str
    category: str


def customer_out(customer: Customer) -> CustomerOut:
    """A customer for lists."""
    return CustomerOut(
        id=customer.id,
        number=customer.number,
        name=customer.name,
        native_name=customer.native_name,
        language=customer.language,
        segment=customer.segment,
        residency=customer.residency,
        risk_level=customer.risk_level,
        kyc_state=customer.kyc_state,
        email=mask_email(customer.email),
        phone=mask_digits(customer.phone),
    )


def portrait(customer: Customer, made: Scores) -> Portrait:
    """The scores as they are told, each with its formula and inputs."""
    return Portrait(
        assets=in_base_currency(made["assets"].value),
        debts=in_base_currency(made["debts"].value),
        products_held=made["depth"].value,
        segment=customer.segment,
        risk_level=customer.risk_level,
        risk_assessed_until=customer.risk_assessed_until,
        lists=list(lists_of(made)),
        scores={
            name: ScoreOut(value=plain(s.value), inputs=plain(s.inputs))
            for name, s in each_score(made)
        },
        formulas={name: score.formula for name, score in each_score(made)},
    )


def plain(value: object) -> JsonValue:
    """Amounts as decimal strings, within lists and dictionaries too."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a score has no {type(value).__name__}")


def identity(customer: Customer, full: frozenset[Field] = frozenset()) -> dict[str, object]:
    """Who it is, with document and KYC masked to what the reader needs."""
    number = str(customer.document.get("number"))
    return {
        "name": customer.name,
        "native_name": customer.native_name,
        "number": customer.number,
        "language": customer.language,
        "residency": customer.residency,
        "segment": customer.segment,
        "email": customer.email if "contacts" in full else mask_email(customer.email),
        "phone": customer.phone if "contacts" in full else mask_digits(customer.phone),
        "birth_date": customer.birth_date.isoformat()
        if "birth_date" in full
        else f"{customer.birth_date.year}",
        "monthly_income": str(customer.monthly_income) if "income" in full else None,
        "document": {
            "type": customer.document.get("type"),
            "number": number if "document" in full else mask_digits(number),
        },
        "kyc": {"state": customer.kyc_state, "until": customer.kyc_until.isoformat()},
    }


def contacts(customer: Customer, full: frozenset[Field]) -> dict[str, str]:
    """How the customer is reached."""
    return {
        "email": customer.email if "contacts" in full else mask_email(customer.email),
        "phone": customer.phone if "contacts" in full else mask_digits(customer.phone),
        "address": customer.address if "address" in full else mask_words(customer.address),
    }


def account_row(account: Account, full: frozenset[Field] = frozenset()) -> AccountRow:
    """An account with its balance."""
    return {
        "id": str(account.id),
        "kind": account.kind,
        "iban": account.iban if "iban" in full else mask_digits(account.iban),
        "balance": Money(account.balance, account.currency).as_json(),
    }


def card_row(card: Card) -> CardRow:
    """A card."""
    return {
        "id": str(card.id),
        "kind": card.kind,
        "number": f"****{card.last_four}",
        "state": card.state,
        "control": card.control,
        "expires_on": card.expires_on.isoformat(),
    }


def card_out(card: Card, request: CardRequest | None) -> CardOut:
    """A card with its last request."""
    made = CardRequestOut.model_validate(request) if request is not None else None
    return CardOut.model_validate({**card_row(card), "request": made})


def loan_row(loan: Loan) -> LoanRow:
    """A loan."""
    return {
        "id": str(loan.id),
        "kind": loan.kind,
        "outstanding": Money(loan.outstanding, loan.currency).as_json(),
        "instalment": Money(loan.instalment, loan.currency).as_json(),
        "rate_percent": str(loan.rate_percent),
        "next_due_on": loan.next_due_on.isoformat(),
        "ends_on": loan.ends_on.isoformat(),
    }


def holding_row(holding: Holding, product: Product) -> HoldingRow:
    """A holding with its product."""
    return {
        "id": str(holding.id),
        "product_id": str(product.id),
        "name": product.name,
        "name_zh": product.name_zh,
        "risk_level": product.risk_level,
        "value": Money(holding.value, holding.currency).as_json(),
    }


def transaction_row(
    transaction: Transaction, full: frozenset[Field] = frozenset()
) -> TransactionRow:
    """A booking; whom it was with is masked where the reader need not know."""
    who = transaction.counterparty
    return {
        "id": str(transaction.id),
        "booked_at": transaction.booked_at.isoformat(),
        "amount": Money(transaction.amount, transaction.currency).as_json(),
        "counterparty": who if "counterparties" in full else mask_words(who),
        "category": transaction.category,
    }
