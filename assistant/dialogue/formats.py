"""Amounts and times as people read them in each language (CLDR, by Babel)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from core.catalogue import LOCALES
from core.clock import SERVICE_HOURS
from core.languages import Language


def money_text(amount: Decimal, currency: str, language: Language) -> str:
    """€1,250.00"""
    return format_currency(amount, currency, locale=LOCALES[language])


def time_text(at: datetime, language: Language) -> str:
    """A time in the bank's zone: Tue 24 Nov, 17:30."""
    pattern = "EEE d MMM, HH:mm" if language == "en" else "M月d日 EEE HH:mm"
    return format_datetime(
        at, pattern, tzinfo=ZoneInfo(SERVICE_HOURS.zone), locale=LOCALES[language]
    )


def day_text(at: date, language: Language) -> str:
    """A day: 24 Nov."""
    return format_date(at, "d MMM" if language == "en" else "M月d日", locale=LOCALES[language])
