"""Types of what callers send, none of them without an end: short texts, names, counts and versions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from annotated_types import Ge, Le, MaxLen
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from core.errors import InvalidValue

MAX_MEMBERS = 50  # of an object whose names callers choose
MAX_DIGITS = 20  # characters of a number that is sent as a text
# What no amount, count or share of a bank comes near; a float is exact to there.
MAX_NUMBER = 1e15
# Years that periods and days may lie in: far from those where calendars end and zones or spans overflow.
FIRST_YEAR, LAST_YEAR = 1800, 2999
MAX_VERSION = 2**31 - 1  # integer of PostgreSQL

DateT = TypeVar("DateT", date, datetime)


def require_plain_digits(value: object, maximum: int) -> None:
    """InvalidValue for a text of more than `maximum` characters, or with an exponent, where a number is meant."""
    # An exponent makes a short text a number of a billion digits.
    if isinstance(value, str) and (len(value) > maximum or "e" in value.lower()):
        raise InvalidValue("amount.too_long", maximum=maximum)


def _short(value: object) -> object:
    require_plain_digits(value, MAX_DIGITS)
    return value


def _of_our_time(value: DateT) -> DateT:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidValue("period.year_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return value


def _zoned(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise InvalidValue("period.zone_missing", example="2026-01-01T00:00:00Z")
    return value


Day = Annotated[date, AfterValidator(_of_our_time)]
Moment = Annotated[datetime, AfterValidator(_of_our_time)]
Instant = Annotated[datetime, AfterValidator(_of_our_time), AfterValidator(_zoned)]
Code = Annotated[str, MaxLen(100)]  # what a thing is called in an address or a filter
ShortText = Annotated[str, MaxLen(200)]
Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, decimal_places=2),
    BeforeValidator(_short),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 100},
                {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,2})?$", "maxLength": MAX_DIGITS},
            ]
        }
    ),
]
Quantity = Annotated[float, Ge(-MAX_NUMBER), Le(MAX_NUMBER)]
Version = Annotated[int, Ge(0), Le(MAX_VERSION)]
