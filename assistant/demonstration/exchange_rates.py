"""Exchange rates of the demonstration: close to the European Central Bank's reference rates at the end of three years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from core.exchange_rates import set_rates
from core.identity import System

LOADER = System("demonstration", frozenset({"rates:manage"}))
CURRENCIES = ("USD", "GBP", "CHF", "CNY", "HKD", "JPY", "SEK", "PLN", "CAD", "SGD")
# Units of each currency for one euro.
YEAR_ENDS: dict[date, tuple[str, ...]] = {
    date(2022, 12, 30): (
        *("1.0666", "0.8869", "0.9847", "7.3582", "8.3163"),
        *("140.66", "11.122", "4.6808", "1.444", "1.43"),
    ),
    date(2023, 12, 29): (
        *("1.105", "0.8691", "0.926", "7.8509", "8.6314"),
        *("156.33", "11.096", "4.3395", "1.4642", "1.4591"),
    ),
    date(2024, 12, 31): (
        *("1.0389", "0.8292", "0.9412", "7.5833", "8.0686"),
        *("163.06", "11.459", "4.275", "1.4948", "1.4164"),
    ),
}


async def load_exchange_rates(session: AsyncSession) -> None:
    """Write the rates of every year's end."""
    for day, rates in YEAR_ENDS.items():
        table = dict(zip(CURRENCIES, map(Decimal, rates), strict=True))
        await set_rates(session, LOADER, day, table)
