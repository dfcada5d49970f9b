"""Types of what callers send, none of them without an end: short texts, names, counts and versions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from annotated_types import Ge, Le, MaxLen
from pydantic import BeforeValidator, Field, WithJsonSchema

from core.errors import InvalidValue

MAX_MEMBERS = 50  # of an object whose names callers choose
MAX_DIGITS = 20  # characters of a number that is sent as a text
# What no amount, count or share of a bank comes near; a float is exact to there.
MAX_NUMBER = 1e15
MAX_VERSION = 2**31 - 1  # integer of PostgreSQL


def _short(value: object) -> object:
    # An exponent makes a short text a number of a billion digits.
    if isinstance(value, str) and (len(value) > MAX_DIGITS or "e" in value.lower()):
        raise InvalidValue("amount.too_long", maximum=MAX_DIGITS)
    return value


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
