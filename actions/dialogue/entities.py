"""What a message names: the entities that Rasa found, with the values they have at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker

from actions.dialogue.turn import Turn
from core.clock import SERVICE_HOURS
from nlu.values import with_values


@dataclass(frozen=True)
class Named:
    """Entities of one message."""

    entities: tuple[dict[str, Any], ...] = ()

    def first(self, *kinds: str) -> Any:
        """The value of the first entity of these kinds, None when there is none."""
        return next(
            (entity["value"] for entity in self.entities if entity["entity"] in kinds), None
        )

    @property
    def amount(self) -> Decimal | None:
        found = self.first("amount")
        return Decimal(found["amount"]) if found else None

    @property
    def currency(self) -> str | None:
        found = self.first("amount")
        return found["currency"] if found else None

    @property
    def days(self) -> tuple[datetime, datetime] | None:
        """From the beginning of the first day that is named to the end of the last, in the bank's zone."""
        found = self.first("date")
        if not found:
            return None
        first, _, last = found.partition("/")
        return _midnight(first), _midnight(last or first) + timedelta(days=1)


def named_in(tracker: Tracker, turn: Turn) -> Named:
    """The entities of the message being answered."""
    message = tracker.latest_message
    found = message.get("entities") or []
    return Named(tuple(with_values(found, message.get("text") or "", turn.now)))


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(SERVICE_HOURS.zone))
