"""What a source delivers, checked row by row: forms with ranges; references are checked when all is read.

A form refuses what cannot be right (a birth date to come, a negative rate) and says so in the data-quality table; it never
repairs silently, except for spelling: spaces, the case of an address, the form of a telephone number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from actions.customers.models import CardState
from core.clock import utc_now
from core.contacts import find_contact
from core.errors import InvalidValue
from core.money import Currency

RecordType = Literal["person", "account", "card", "loan", "holding", "transaction"]
TYPES: tuple[RecordType, ...] = get_args(RecordType)  # in the order in which they need each other
Key = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=2)]
OLDEST = date(1900, 1, 1)
MAX_RATE = 100


def _born(day: date) -> date:
    if not OLDEST <= day <= utc_now().date():
        raise InvalidValue("person.birth_date_out_of_range")
    return day


def _contact(text: str) -> str:
    contact = find_contact(text)
    if contact is None:
        raise InvalidValue("contact.unreadable")
    return contact


BirthDate = Annotated[date, AfterValidator(_born)]
Contact = Annotated[str, AfterValidator(_contact)]


class Record(BaseModel):
    """A row of a source; `as_of` is when it was true there."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    key: Key
    as_of: AwareDatetime | None = None


class Person(Record):
    """Somebody who banks here, as one system knows them."""

    name: Line
    native_name: Line | None = None
    birth_date: BirthDate | None = None
    nationality: Country | None = None
    residency: Country | None = None
    language: Literal["en", "zh"] | None = None
    segment: Annotated[str, StringConstraints(pattern="^[a-z_]{2,30}$")] | None = None
    email: Contact | None = None
    phone: Contact | None = None
    address: Line | None = None
    document_type: Literal["passport", "id_card", "residence_permit"] | None = None
    document_number: (
        Annotated[str, StringConstraints(min_length=4, max_length=40, to_upper=True)] | None
    ) = None
    document_until: date | None = None
    monthly_income: Annotated[Amount, Field(ge=0)] | None = None


class OfPerson(Record):
    """Something that belongs to a person of the same source."""

    person: Key


class AccountRow(OfPerson):
    """An account."""

    iban: Annotated[str, StringConstraints(min_length=5, max_length=34, to_upper=True)]
    kind: Literal["current", "savings"]
    currency: Currency
    balance: Amount
    opened_on: date


class CardRow(OfPerson):
    """A card of an account of the same source."""

    account: Key
    kind: Literal["debit", "credit"]
    last_four: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    state: CardState
    expires_on: date


class LoanRow(OfPerson):
    """A loan."""

    kind: Literal["personal", "mortgage"]
    currency: Currency
    principal: Annotated[Amount, Field(gt=0)]
    outstanding: Annotated[Amount, Field(ge=0)]
    rate_percent: Annotated[Decimal, Field(ge=0, le=MAX_RATE, max_digits=6, decimal_places=3)]
    instalment: Annotated[Amount, Field(ge=0)]
    next_due_on: date
    ends_on: date


class HoldingRow(OfPerson):
    """A product of the catalogue that is held."""

    product: Key
    currency: Currency
    value: Annotated[Amount, Field(ge=0)]
    bought_on: date


class TransactionRow(Record):
    """A booking on an account of the same source."""

    account: Key
    booked_at: AwareDatetime
    amount: Amount
    currency: Currency
    counterparty: Line
    country: Country | None = None
    category: Annotated[str, StringConstraints(pattern="^[a-z_]{2,40}$")]


FORMS: dict[RecordType, type[Record]] = {
    "person": Person,
    "account": AccountRow,
    "card": CardRow,
    "loan": LoanRow,
    "holding": HoldingRow,
    "transaction": TransactionRow,
}
_RANGES = ("greater_than", "less_than", "decimal_", "value_error", "date_", "string_too")


class Problem(BaseModel):
    """What is wrong with a row."""

    field: str
    check: Literal["schema", "range", "reference", "duplicate"]
    message: str


def read_row(kind: RecordType, values: Mapping[str, object]) -> Record | list[Problem]:
    """The row in its form, or everything that is wrong with it. Empty cells count as absent."""
    filled = {name: value for name, value in values.items() if value not in ("", None)}
    try:
        return FORMS[kind].model_validate(filled)
    except ValidationError as error:
        return [
            Problem(
                field=".".join(str(part) for part in e["loc"]) or "row",
                check="range" if e["type"].startswith(_RANGES) else "schema",
                message=e["msg"],
            )
            for e in error.errors()
        ]


def digest_of(record: Record) -> str:
    """A name of a row's content; when it was delivered is no content."""
    content = json.dumps(
        record.model_dump(mode="json", exclude={"as_of"}), sort_keys=True, ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()[:32]
