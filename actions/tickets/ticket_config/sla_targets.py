"""What a service level asks for. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.clock import BusinessCalendar


@dataclass(frozen=True)
class SlaTarget:
    """Business time to each answer on a calendar, and the share of it after which somebody is warned."""

    calendar: BusinessCalendar
    first_response: timedelta
    resolution: timedelta
    next_response: timedelta | None = None
    warned_after: float = 0.75
