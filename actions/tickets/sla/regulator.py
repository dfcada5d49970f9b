"""The regulators' timers. Pure rules over a jurisdiction of the rule book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from actions.tickets.sla.timers import SlaTimer
from actions.tickets.ticket_config.contents import Complexity, Deadline, JurisdictionContent
from core.clock import BusinessCalendar

PREFIX = "regulator:"  # of the names of these timers
WARNED_BEFORE = timedelta(days=1), 0.25  # whichever is longer: a day, or a quarter of the time


@dataclass(frozen=True)
class Steps:
    """When a complaint's steps were done."""

    acknowledged: datetime | None = None
    summary: datetime | None = None
    final: datetime | None = None

    def met(self, by: str) -> datetime | None:
        """When a deadline was met: an answer that settles the matter is an acknowledgement, too."""
        answers = {
            "acknowledged": (self.acknowledged, self.summary, self.final),
            "summary": (self.summary,),
            "final": (self.summary, self.final),
        }[by]
        return min((at for at in answers if at), default=None)


def regulator_timers(
    received: datetime,
    complexity: Complexity,
    jurisdiction: JurisdictionContent,
    calendar: BusinessCalendar,
    steps: Steps,
) -> list[SlaTimer]:
    """A timer for each deadline of the jurisdiction that is for complaints of this complexity."""
    return [
        _timer(deadline, received, calendar, steps)
        for deadline in jurisdiction.deadlines
        if not deadline.complexity or complexity in deadline.complexity
    ]


def due(deadline: Deadline, received: datetime, calendar: BusinessCalendar) -> datetime:
    """The end of the deadline's last day, in the zone of the calendar."""
    if deadline.unit == "business_days":
        return calendar.end_of_business_day(received, deadline.amount)
    days = deadline.amount * (7 if deadline.unit == "weeks" else 1)
    zone = ZoneInfo(calendar.zone)
    last = received.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def is_window(name: str, jurisdiction: JurisdictionContent) -> bool:
    """Whether a timer only closes a way (summary resolution) and breaks no rule when it runs out."""
    return any(name == PREFIX + d.key and d.met_by == "summary" for d in jurisdiction.deadlines)


def next_deadline(timers: Sequence[SlaTimer]) -> datetime | None:
    """The first that still runs."""
    return min((timer.due_at for timer in timers if timer.runs and timer.due_at), default=None)


def _timer(
    deadline: Deadline, received: datetime, calendar: BusinessCalendar, steps: Steps
) -> SlaTimer:
    ends = due(deadline, received, calendar)
    early = max(WARNED_BEFORE[0], (ends - received) * WARNED_BEFORE[1])
    return SlaTimer(
        PREFIX + deadline.key, ends, max(received, ends - early), steps.met(deadline.met_by)
    )
