"""What narrows a list of transactions: days, a party, an amount, as a command's filters hold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from actions.customers.queries import Bookings
from assistant.dialogue.formats import day_text
from assistant.dialogue.wording import say
from core.clock import SERVICE_HOURS
from core.languages import Language
from core.localized_text import SEPARATORS


def bookings_in(filters: Mapping[str, Any]) -> Bookings:
    """The filters as the query takes them: {days: "2026-10-01/2026-10-31" or a day, party, amount: {amount, currency} or a number}.

    A value that cannot be read does not narrow.
    """
    days = days_in(filters)
    between = (_midnight(days[0]), _midnight(days[1]) + timedelta(days=1)) if days else None
    party = filters.get("party")
    return Bookings(between, str(party) if party else None, _amount(filters.get("amount")))


def days_in(filters: Mapping[str, Any]) -> tuple[date, date] | None:
    """The first and the last day; None without any."""
    value = filters.get("days")
    parts = value.split("/") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts:
        return None
    try:
        first, last = (date.fromisoformat(str(part)[:10]) for part in (parts[0], parts[-1]))
    except ValueError:
        return None
    return first, last


def filters_text(filters: Mapping[str, Any], language: Language) -> str:
    """The filters as a reader is reminded of them: Tesco, 1 Oct to 31 Oct."""
    parts = [str(filters["party"])] if filters.get("party") else []
    if days := days_in(filters):
        first, last = (day_text(day, language) for day in days)
        same = first == last
        parts.append(first if same else say("dialogue.day_span", language, first=first, last=last))
    return SEPARATORS[language].join(parts)


def _amount(value: Any) -> Decimal | None:
    number = value.get("amount") if isinstance(value, Mapping) else value
    if number is None:
        return None
    try:
        return abs(Decimal(str(number)))
    except InvalidOperation:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(SERVICE_HOURS.zone))
