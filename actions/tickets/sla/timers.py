"""The timers of a ticket, computed from its history and nothing else. Pure rules.

First response: from the opening until somebody of the bank says something to the customer, or resolves it; it does not
stand while we wait for the customer, because to wait one must have asked. Next response: from the customer's oldest
unanswered word after the first response. Resolution: from the opening until it is resolved, less the time in which we
waited for the customer and the time between a resolution and a reopening. A ticket into which another was merged counts
from the earlier opening of the two: the customer has waited since then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from actions.tickets.ticket_config.sla_targets import SlaTarget
from core.clock import Span, due_at

FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = "first_response", "next_response", "resolution"
SERVICE_TIMERS = (FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION)
ESCALATION = "system:sla"  # who raises a priority when a promise is in danger
_FINISHED = ("resolved", "closed", "archived")
_CUSTOMERS = ("customer:", "visitor:")


@dataclass(frozen=True)
class Step:
    """A step of a ticket's history, as the timers read it."""

    at: datetime
    what: str
    after: str | None
    actor: str
    before: str | None = None

    @property
    def by_customer(self) -> bool:
        return self.actor.startswith(_CUSTOMERS)


@dataclass(frozen=True)
class SlaTimer:
    """When a promise must be kept (None while the timer stands), when somebody is warned, and when it was kept."""

    name: str
    due_at: datetime | None
    warn_at: datetime | None
    met_at: datetime | None = None

    @property
    def runs(self) -> bool:
        return self.due_at is not None and self.met_at is None

    def breached_by(self, now: datetime) -> bool:
        """Whether the promise was broken, or is by now."""
        return self.due_at is not None and (self.met_at or now) > self.due_at


def service_timers(history: Sequence[Step], target: SlaTarget) -> list[SlaTimer]:
    """The timers of the service level after these steps, which are in order."""
    opened, finished = opening(history), _finished_at(history)
    answered = _first_answer(history)
    timers = [
        _timer(FIRST_RESPONSE, opened, target.first_response, target, (), answered or finished)
    ]
    waiting_since = _unanswered_since(history)
    if answered and waiting_since and target.next_response and not finished:
        timers.append(_timer(NEXT_RESPONSE, waiting_since, target.next_response, target, (), None))
    paused, stands = _pauses(history)
    resolution = _timer(RESOLUTION, opened, target.resolution, target, paused, finished)
    return [*timers, SlaTimer(RESOLUTION, None, None) if stands else resolution]


def opening(history: Sequence[Step]) -> datetime:
    """When the customer began to wait: the opening, or the earlier one of a ticket that was merged into this one."""
    opened = next(step.at for step in history if step.what == "created")
    merged = [
        datetime.fromisoformat(step.before)
        for step in history
        if step.what == "merged_from" and step.before
    ]
    return min([opened, *merged])


def targeted_by(history: Sequence[Step], what: str, now: str) -> str:
    """The value of `kind` or `priority` that the promise goes by: the last one that an escalation did not set."""
    steps = [step for step in history if step.what == what]
    set_by_people = [step.after for step in steps if step.actor != ESCALATION and step.after]
    if set_by_people:
        return set_by_people[-1]
    return steps[0].before or now if steps else now


def _timer(
    name: str,
    since: datetime,
    allowed: timedelta,
    target: SlaTarget,
    paused: Sequence[Span],
    met: datetime | None,
) -> SlaTimer:
    warned = allowed * target.warned_after
    return SlaTimer(
        name,
        due_at(since, allowed, target.calendar, paused),
        due_at(since, warned, target.calendar, paused),
        met,
    )


def _states(history: Sequence[Step]) -> list[tuple[datetime, str]]:
    """Each state with the moment it was entered."""
    entered = [(step.at, step.after or "") for step in history if step.what in ("created", "state")]
    return sorted(
        [*entered, *((step.at, "closed") for step in history if step.what == "merged")],
        key=lambda entry: entry[0],
    )


def _pauses(history: Sequence[Step]) -> tuple[list[Span], bool]:
    """Spans in which the resolution did not run, in order, and whether it stands now because we wait for the customer."""
    states = _states(history)
    spans: list[Span] = []
    for (start, state), (end, _) in pairwise(states):
        if state == "waiting_customer" or state in _FINISHED:
            spans.append((start, end))
    last_at, last = states[-1]
    if (
        last in _FINISHED and spans and spans[-1][1] == last_at
    ):  # resolved and then closed is one end, not a pause
        while spans and spans[-1][1] == last_at and _entered(states, spans[-1][0]) in _FINISHED:
            last_at = spans.pop()[0]
    return spans, last == "waiting_customer"


def _entered(states: Sequence[tuple[datetime, str]], at: datetime) -> str:
    return next(state for moment, state in reversed(states) if moment == at)


def _finished_at(history: Sequence[Step]) -> datetime | None:
    """The beginning of the finished state in which the ticket is, None when it is not finished."""
    since: datetime | None = None
    for at, state in _states(history):
        since = (since or at) if state in _FINISHED else None
    return since


def _first_answer(history: Sequence[Step]) -> datetime | None:
    return next((step.at for step in history if _is_public(step) and not step.by_customer), None)


def _unanswered_since(history: Sequence[Step]) -> datetime | None:
    """The customer's oldest word that nobody has answered."""
    since: datetime | None = None
    for step in history:
        if _is_public(step):
            since = (since or step.at) if step.by_customer else None
    return since


def _is_public(step: Step) -> bool:
    return step.what == "comment" and step.after == "public"
