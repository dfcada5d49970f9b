"The life of a ticket as one table, and its clocks. Pure rules."

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, get_args

from core.clock import OFFICE_HOURS, SERVICE_HOURS, due_at
from core.errors import Refused

Kind = Literal["question", "service_request", "complaint", "fraud_report", "compliance_alert", "lead"]
Queue = Literal[
    "cards", "payments", "accounts", "lending", "wealth", "digital", "fraud", "complaints", "compliance", "general"
]
Priority = Literal["low", "normal", "high", "urgent"]
State = Literal["new", "open", "waiting_customer", "waiting_internal", "resolved", "closed", "archived"]
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

# Business time to the first response and to the resolution; the bank's service promise.
TARGETS: dict[Priority, tuple[timedelta, timedelta]] = {
    "urgent": (timedelta(minutes=30), timedelta(hours=4)),
    "high": (timedelta(hours=2), timedelta(hours=16)),
    "normal": (timedelta(hours=8), timedelta(hours=40)),
    "low": (timedelta(hours=16), timedelta(hours=80)),
}


def check_step(current: State, target: State) -> None:
    "Refused, naming the possible steps, when the lifecycle has no step from `current` to `target`."
    if target not in STEPS[current]:
        possible = ", ".join(STEPS[current]) or "none"
        raise Refused(f"A ticket that is {current} cannot become {target}; possible: {possible}.")


def due_times(opened: datetime, kind: Kind, priority: Priority) -> tuple[datetime, datetime]:
    "(first response due, resolution due): service hours every day for fraud and urgent ones, office hours otherwise."
    calendar = SERVICE_HOURS if kind == "fraud_report" or priority == "urgent" else OFFICE_HOURS
    first, resolution = TARGETS[priority]
    return due_at(opened, first, calendar), due_at(opened, resolution, calendar)
