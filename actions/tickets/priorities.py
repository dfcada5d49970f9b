"""Priorities of tickets and the order in which tickets that nobody has are taken. Pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)

# How much earlier a ticket counts as opened among those that nobody has: pressing ones go before, waiting ones rise.
HEAD_START: dict[Priority, timedelta] = {
    "urgent": timedelta(days=5),
    "high": timedelta(days=1),
    "normal": timedelta(),
    "low": -timedelta(days=1),
}


def rank_at(opened: datetime, priority: Priority) -> datetime:
    """The place of a ticket among those that nobody has; the earliest is taken first."""
    return opened - HEAD_START[priority]


def raised_by_one(priority: Priority) -> Priority:
    """The next priority; urgent stays."""
    return PRIORITIES[min(PRIORITIES.index(priority) + 1, len(PRIORITIES) - 1)]
