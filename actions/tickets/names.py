"""What queues, priorities, states and kinds are called to customers in Chinese; in English they are called as they are written."""

from __future__ import annotations

from typing import get_args

from actions.tickets.lifecycle import Kind, Queue, State
from actions.tickets.priorities import PRIORITIES
from core.localized_text import term_in

_VALUES: dict[str, tuple[str, ...]] = {
    "queue": get_args(Queue),
    "priority": PRIORITIES,
    "customer_ticket_state": get_args(State),
    "ticket_kind": get_args(Kind),
}
ZH_NAMES = {
    value: term_in(group, value, "zh") for group, values in _VALUES.items() for value in values
}
