"""The life of a ticket as one table. Pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

from core.guards import require_step

Kind = Literal[
    "question", "service_request", "complaint", "fraud_report", "compliance_alert", "lead"
]
Queue = Literal[
    "cards",
    "payments",
    "accounts",
    "lending",
    "wealth",
    "digital",
    "fraud",
    "complaints",
    "compliance",
    "general",
]
Priority = Literal["low", "normal", "high", "urgent"]
State = Literal[
    "new", "open", "waiting_customer", "waiting_internal", "resolved", "closed", "archived"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
QUEUES: tuple[Queue, ...] = get_args(Queue)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)

STEPS: dict[State, tuple[State, ...]] = {
    "new": ("open", "waiting_customer", "waiting_internal", "resolved"),
    "open": ("waiting_customer", "waiting_internal", "resolved"),
    "waiting_customer": ("open", "resolved"),
    "waiting_internal": ("open", "waiting_customer", "resolved"),
    "resolved": ("open", "closed"),
    "closed": ("open", "archived"),
    "archived": (),
}
ACTIVE: tuple[State, ...] = ("new", "open", "waiting_customer", "waiting_internal")

FINISHED: tuple[State, ...] = ("resolved", "closed", "archived")

REOPENED_WITHIN = timedelta(
    days=30
)  # after it was closed, the customer's word opens a ticket again; later it is a new one
# How much earlier a ticket counts as opened among those that nobody has: pressing ones go before, waiting ones rise.
HEAD_START: dict[Priority, timedelta] = {
    "urgent": timedelta(days=5),
    "high": timedelta(days=1),
    "normal": timedelta(),
    "low": -timedelta(days=1),
}


def check_step(current: State, target: State) -> None:
    """Conflict, naming the possible steps, when the lifecycle has no step from `current` to `target`."""
    require_step("ticket", current, target, STEPS[current])


def rank_at(opened: datetime, priority: Priority) -> datetime:
    """The place of a ticket among those that nobody has; the earliest is taken first."""
    return opened - HEAD_START[priority]


def raised_by_one(priority: Priority) -> Priority:
    """The next priority; urgent stays."""
    return PRIORITIES[min(PRIORITIES.index(priority) + 1, len(PRIORITIES) - 1)]
