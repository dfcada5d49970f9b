"""Money never mixes currencies, never touches a float, and comes back from a conversion within one minor unit."""

from __future__ import annotations

import operator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from core.money import (
    BASE_CURRENCY,
    CurrencyMismatch,
    Money,
    NoExchangeRate,
    RateTable,
    currencies,
    minor_unit,
)

TODAY = date(2026, 11, 27)
CODES = st.sampled_from(sorted(currencies()))
AMOUNTS = st.decimals(-(10**9), 10**9, allow_nan=False, places=3)
RATES = st.decimals("0.001", "20000", allow_nan=False, places=4)


class Offer(BaseModel):
    """Something with a price."""

    price: Money


@given(AMOUNTS, AMOUNTS, AMOUNTS, CODES)
def test_addition_is_associative_commutative_and_undone(
    a: Decimal, b: Decimal, c: Decimal, code: str
) -> None:
    x, y, z = Money(a, code), Money(b, code), Money(c, code)
    assert (x + y) + z == x + (y + z)
    assert x + y == y + x
    assert (x + y) - y == x
    assert x + -x == x * 0
    assert (x + y) * 3 == x * 3 + 3 * y


@given(AMOUNTS, AMOUNTS, CODES)
def test_money_of_one_currency_is_ordered_as_its_amounts(a: Decimal, b: Decimal, code: str) -> None:
    assert (Money(a, code) < Money(b, code)) == (a < b)
    assert (Money(a, code) >= Money(b, code)) == (a >= b)


@pytest.mark.parametrize("act", [operator.add, operator.sub, operator.lt, operator.ge])
def test_two_currencies_never_meet(act: Any) -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        act(Money(Decimal(1), "EUR"), Money(Decimal(1), "USD"))
    assert Money(Decimal(1), "EUR") != Money(Decimal(1), "USD")


@pytest.mark.parametrize(
    "act",
    [
        lambda money: Money(1.5, "EUR"),
        lambda money: money * 1.5,
        lambda money: money + 1.5,
        lambda money: money < 1,
    ],
)
def test_floats_are_refused(act: Any) -> None:
    with pytest.raises(TypeError):
        act(Money(Decimal(1), "EUR"))


@given(AMOUNTS, CODES)
def test_the_api_form_is_read_back_as_it_was_written(amount: Decimal, code: str) -> None:
    written = Offer(price=Money(amount, code)).model_dump(mode="json")["price"]
    assert written == Money(amount, code).as_json()
    assert Offer.model_validate({"price": written}).price == Money(amount, code).rounded()
    assert isinstance(Offer.model_validate({"price": written}).price.amount, Decimal)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1250", "EUR", "1250.00"),
        ("0.005", "EUR", "0.00"),
        ("0.015", "EUR", "0.02"),
        ("1250.5", "JPY", "1250"),
        ("1.2345", "KWD", "1.234"),
        ("1E+3", "USD", "1000.00"),
    ],
)
def test_an_amount_is_written_in_minor_units(amount: str, currency: str, text: str) -> None:
    assert Money(Decimal(amount), currency).as_json() == {"amount": text, "currency": currency}


@pytest.mark.parametrize(
    "price",
    [
        {"amount": "1", "currency": "XXX"},
        {"amount": "1", "currency": "DEM"},
        {"amount": "1", "currency": "eur"},
        {"amount": "1", "currency": "euros"},
        {"amount": 1.5, "currency": "EUR"},
        {"amount": True, "currency": "EUR"},
        {"amount": "NaN", "currency": "EUR"},
        {"amount": "1e16", "currency": "EUR"},
        {"amount": "1", "currency": "EUR", "note": "x"},
        {"amount": "1"},
    ],
)
def test_what_is_no_money_is_refused(price: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Offer.model_validate({"price": price})


@given(AMOUNTS, CODES, CODES, RATES, RATES)
def test_there_and_back_is_within_a_minor_unit(
    amount: Decimal, code: str, other: str, rate: Decimal, back: Decimal
) -> None:
    rates = RateTable(TODAY, {BASE_CURRENCY: Decimal(1), other: back, code: rate})
    start = Money(amount, code).rounded()
    there = rates.convert(start, other)
    again = rates.convert(there, code)
    # A minor unit of the coarser of the two: what a yen is worth in cents, or a cent.
    grain = max(
        minor_unit(code),
        minor_unit(other) * rates.convert(Money(Decimal(10) ** 9, other), code).amount / 10**9,
    )
    assert abs((again - start).amount) <= grain
    assert there.amount == there.rounded().amount
    assert isinstance(there.amount, Decimal)


def test_a_conversion_goes_through_the_base_currency() -> None:
    rates = RateTable(TODAY, {"USD": Decimal("1.0389"), "JPY": Decimal("163.06")})
    assert rates.convert(Money(Decimal(100), "USD"), "EUR") == Money(Decimal("96.26"), "EUR")
    assert rates.convert(Money(Decimal(100), "USD"), "JPY") == Money(Decimal(15695), "JPY")
    assert rates.total({"USD": Decimal(100), "EUR": Decimal(5)}) == Money(Decimal("101.26"), "EUR")


def test_a_currency_without_a_rate_is_an_error_that_names_it() -> None:
    with pytest.raises(NoExchangeRate, match="no exchange rate of GBP on or before 27 Nov 2026"):
        RateTable(TODAY, {}).convert(Money(Decimal(1), "GBP"), "EUR")
