"""When a step of a flow applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actions.tickets.lifecycle import ACTIVE
from assistant.dialogue.facts import Facts
from assistant.dialogue.flows.definition import Condition, Owned


def holds(condition: Condition | None, slots: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a step with this condition applies; `slots` are the values of the flow, without those that were skipped."""
    if condition is None:
        return True
    return _of_the_world(condition, facts) and _of_the_slots(condition, slots, facts)


def _of_the_world(condition: Condition, facts: Facts) -> bool:
    return (
        condition.signed_in in (None, facts.signed_in)
        and condition.on_duty in (None, facts.on_duty)
        and (condition.has is None or _OWNED[condition.has](facts))
        and (condition.lacks is None or not _OWNED[condition.lacks](facts))
    )


_OWNED: dict[Owned, Callable[[Facts], bool]] = {
    "active_card": lambda facts: bool(facts.active_cards),
    "blocked_card": lambda facts: any(card.state == "blocked" for card in facts.cards),
    "ticket": lambda facts: bool(facts.tickets),
    "appointment": lambda facts: bool(facts.appointments),
    "open_ticket": lambda facts: any(ticket.state in ACTIVE for ticket in facts.tickets),
}


def _of_the_slots(condition: Condition, slots: Mapping[str, Any], facts: Facts) -> bool:
    own = {ticket.reference for ticket in facts.tickets}
    checks: tuple[tuple[str | None, Callable[[Any], bool]], ...] = (
        (condition.slot, lambda value: value is not None and condition.equals in (None, value)),
        (condition.missing, lambda value: value is None),
        (condition.without_time, has_no_time),
        (condition.foreign, lambda value: value is not None and value not in own),
    )
    return all(check(slots.get(name)) for name, check in checks if name is not None)


def has_its_time(condition: Condition | None, slots: Mapping[str, Any]) -> bool:
    """Whether a step asks for the time of a moment that has one already."""
    moment = slots.get(condition.without_time) if condition and condition.without_time else None
    return moment is not None and not has_no_time(moment)


def has_no_time(moment: Any) -> bool:
    """Whether a slot's moment is a day alone: 2026-12-01, without T15:00 or /morning."""
    return isinstance(moment, str) and len(moment) == len("2026-12-01")
