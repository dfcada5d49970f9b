"""Money: an amount with its currency, which never meets another currency unnoticed, and the rates by which it is converted.

Amounts are decimals from end to end; a binary float is refused wherever one comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache, total_ordering
from typing import Annotated, ClassVar

from babel.core import get_global
from babel.numbers import get_currency_precision
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_serializer,
)

from core.bounds import require_plain_digits
from core.errors import DomainError, InvalidValue

# Thresholds, scores and the sums of many currencies are stated in it; rates are quoted against it.
BASE_CURRENCY = "EUR"
# What no bank's books come near, and every amount column holds.
MAX_AMOUNT = Decimal(10) ** 15
RATE_PLACES = 8


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """ISO 4217 codes that are legal tender somewhere now (source: CLDR, as Babel ships it)."""
    territories: Mapping[str, list[tuple[str, object, object, bool]]] = get_global(
        "territory_currencies"
    )
    return frozenset(
        code
        for history in territories.values()
        for code, _, until, tender in history
        if until is None and tender
    )


def _legal_tender(code: str) -> str:
    if code not in currencies():
        raise InvalidValue("amount.currency_unknown")
    return code


def _exact(value: object) -> object:
    if isinstance(value, float | bool):
        raise InvalidValue("amount.not_exact", example="1250.00")
    require_plain_digits(value, MAX_WRITTEN)
    return value


Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$", max_length=3),
    AfterValidator(_legal_tender),
    "ISO 4217",
]
MAX_WRITTEN = 40  # characters of an amount as it is sent
_AsText = WithJsonSchema(
    {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "maxLength": MAX_WRITTEN}
)
AmountDecimal = Annotated[
    Decimal, Field(ge=-MAX_AMOUNT, le=MAX_AMOUNT), BeforeValidator(_exact), _AsText
]
Rate = Annotated[
    Decimal,
    Field(gt=0, max_digits=18, decimal_places=RATE_PLACES),
    BeforeValidator(_exact),
    _AsText,
]


class CurrencyMismatch(ValueError):
    """Two currencies were added, subtracted or compared: convert one of them first."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} are different currencies.")


class NoExchangeRate(DomainError):
    """No rate of the currency is known for the day or any day before it."""

    status, title = 409, "Refused"

    def __init__(self, currency: str, on: date) -> None:
        super().__init__("exchange_rate.missing", currency=currency, day=on)


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 of EUR, 1 of JPY, 0.001 of KWD (source: CLDR)."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount as a decimal string in the currency's minor units, and its currency (ISO 4217)."""

    # What comes from outside is validated by pydantic; what is stored loads, whatever was taken when it was stored.
    __pydantic_config__: ClassVar = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"amount": "1250.00", "currency": "EUR"}]}
    )

    amount: AmountDecimal
    currency: Currency

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("The amount of Money is a Decimal.")

    @field_serializer("amount")
    def amount_text(self, amount: Decimal) -> str:
        """The amount in minor units, as the API writes it."""
        return f"{amount.quantize(minor_unit(self.currency), ROUND_HALF_EVEN):f}"

    def as_json(self) -> dict[str, str]:
        """The form of the API and of stored JSON: {"amount": "1250.00", "currency": "EUR"}."""
        return {"amount": self.amount_text(self.amount), "currency": self.currency}

    def rounded(self) -> Money:
        """To the currency's minor units; halves to even."""
        return Money(
            self.amount.quantize(minor_unit(self.currency), ROUND_HALF_EVEN), self.currency
        )

    def __str__(self) -> str:
        return f"{self.amount_text(self.amount)} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if not isinstance(factor, Decimal | int):
            raise TypeError("Money is multiplied by a Decimal or an int.")
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money):
            raise TypeError("Money is added to, subtracted from and compared with Money.")
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount


def in_base_currency(amount: Decimal | int) -> Money:
    """An amount of the base currency."""
    return Money(Decimal(amount), BASE_CURRENCY)


@dataclass(frozen=True)
class RateTable:
    """Rates that count on a day: units of each currency for one unit of the base currency."""

    on: date
    rates: Mapping[str, Decimal]

    def convert(self, money: Money, to: str) -> Money:
        """The money in another currency, in its minor units, across the base currency.

        Raises:
            NoExchangeRate: One of the currencies has no rate yet.
        """
        if money.currency == to:
            return money
        return Money(money.amount / self._rate(money.currency) * self._rate(to), to).rounded()

    def total(self, sums: Mapping[str, Decimal], to: str = BASE_CURRENCY) -> Money:
        """The sum of amounts by currency, each converted."""
        total = Money(Decimal(), to)
        for currency, amount in sums.items():
            total += self.convert(Money(amount, currency), to)
        return total

    def _rate(self, currency: str) -> Decimal:
        if currency == BASE_CURRENCY:
            return Decimal(1)
        if currency not in self.rates:
            raise NoExchangeRate(currency, self.on)
        return self.rates[currency]
