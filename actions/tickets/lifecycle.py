"""The life of a ticket as one table. Pure rules."""

from __future__ import annotations

from datetime import timedelta
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
State = Literal[
    "new", "open", "waiting_customer", "waiting_internal", "resolved", "closed", "archived"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
QUEUES: tuple[Queue, ...] = get_args(Queue)
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


def check_step(current: State, target: State) -> None:
    """Conflict, naming the possible steps, when the lifecycle has no step from `current` to `target`."""
    require_step("ticket", current, target, STEPS[current])
