"""Time: the present, and business time on a calendar of opening hours and holidays. Rules take `now` as a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

HORIZON = timedelta(
    days=730
)  # no target of ours lies further away; a calendar without openings ends here

_SECONDS = re.compile(r"[+-]\d+(\.\d+)?")


class NoBusinessTime(Exception):
    """The calendar has no opening hours within the horizon."""


@dataclass(frozen=True)
class Clock:
    """Where the process reads the present: the machine's clock, ahead of it by `shift`, or `fixed`."""

    shift: timedelta = timedelta()
    fixed: datetime | None = None

    @classmethod
    def parse(cls, setting: str | None) -> Clock:
        """Read the setting CLOCK; nothing is the machine's clock.

        `2026-11-24T10:00:00+01:00` starts there and runs on, `=2026-11-24T10:00:00+01:00` stands
        still, `+3600` and `-90.5` are seconds ahead of and behind the machine.

        Raises:
            ValueError: It is none of these.
        """
        if not setting:
            return cls()
        if _SECONDS.fullmatch(setting):
            return cls(shift=timedelta(seconds=float(setting)))
        at = datetime.fromisoformat(setting.removeprefix("="))
        if at.tzinfo is None:
            raise ValueError("a clock needs a time with its zone")
        if setting.startswith("="):
            return cls(fixed=at.astimezone(UTC))
        return cls(shift=at - datetime.now(UTC))

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return self.fixed or datetime.now(UTC) + self.shift


class _Process:
    """The clock that this process reads."""

    clock = Clock()


def set_clock(clock: Clock) -> None:
    """Make this process read another clock; called once, before anything asks for the time."""
    _Process.clock = clock


def process_clock() -> Clock:
    """Return the clock that this process reads."""
    return _Process.clock


def utc_now() -> datetime:
    """Return the present by this process's clock, in UTC."""
    return _Process.clock.now()


Span = tuple[datetime, datetime]  # start and end, in UTC
Shift = tuple[
    time, time
]  # opens and closes in local time; one that closes before it opens ends on the next day
EVERY_DAY, WORKDAYS = range(7), range(5)  # 0 is Monday


@dataclass(frozen=True)
class BusinessCalendar:
    """Weekly shifts in a time zone, less the public holidays of a country (`holidays` library).

    `closed` are further days without business; on `open_on`, holidays and weekends are worked as on a Monday.
    """

    name: str
    zone: str
    week: tuple[tuple[Shift, ...], ...]  # seven, from Monday
    country: str | None = None
    region: str | None = None
    closed: frozenset[date] = frozenset()
    open_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Whether `at` falls into opening hours."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        around = (day - timedelta(days=1), day)  # a night shift began yesterday
        return any(start <= at < end for when in around for start, end in self._day_spans(when))

    def open_spans(self, after: datetime) -> Iterator[Span]:
        """Opening spans in UTC from `after` on, in order; the first may be cut."""
        day = after.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        last = (after + HORIZON).date()
        while day <= last:
            for start, end in self._day_spans(day):
                if end > after:
                    yield max(start, after), end
            day += timedelta(days=1)

    def is_business_day(self, day: date) -> bool:
        """Whether the day has business at all."""
        return day in self.open_on or (
            bool(self.week[day.weekday()])
            and day not in self.closed
            and not (self.country and day in _holidays(self.country, self.region))
        )

    def end_of_business_day(self, received: datetime, days: int) -> datetime:
        """The end, at midnight local time, of the `days`-th business day after the day of `received`."""
        zone = ZoneInfo(self.zone)
        day, left = received.astimezone(zone).date(), days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_business_day(day)
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)

    def _day_spans(self, day: date) -> Iterator[Span]:
        if not self.is_business_day(day):
            return
        zone = ZoneInfo(self.zone)
        for opens, closes in self.week[0 if day in self.open_on else day.weekday()]:
            until = day + timedelta(days=closes <= opens)
            start = datetime.combine(day, opens, zone).astimezone(UTC)
            end = datetime.combine(until, closes, zone).astimezone(UTC)
            if end > start:  # a change to summer time may swallow a short shift
                yield start, end


def weekly(
    name: str, zone: str, opens: time, closes: time, days: Iterable[int], country: str | None = None
) -> BusinessCalendar:
    """A calendar with the same one shift on each of these days of the week."""
    open_days = set(days)
    week = tuple(((opens, closes),) if day in open_days else () for day in EVERY_DAY)
    return BusinessCalendar(name, zone, week, country)


@lru_cache
def _holidays(country: str, region: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=region)


def due_at(
    opened: datetime, target: timedelta, calendar: BusinessCalendar, paused: Sequence[Span] = ()
) -> datetime:
    """When `target` of business time, not counting `paused`, has passed since `opened`; NoBusinessTime when it never opens."""
    remaining = target
    for span in calendar.open_spans(after=opened):
        for start, end in without(span, paused):
            if end - start >= remaining:
                return start + remaining
            remaining -= end - start
    raise NoBusinessTime(calendar.name)


def business_time(
    start: datetime, end: datetime, calendar: BusinessCalendar, paused: Sequence[Span] = ()
) -> timedelta:
    """Business time between two moments, not counting `paused`."""
    passed = timedelta()
    for opens, closes in calendar.open_spans(after=start):
        if opens >= end:
            break
        passed += sum((b - a for a, b in without((opens, min(closes, end)), paused)), timedelta())
    return passed


def without(span: Span, taken: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span when others, in order and apart from each other, are taken out of it."""
    start, end = span
    for begins, ends in taken:
        if ends <= start:
            continue
        if begins >= end:
            break
        if begins > start:
            yield start, begins
        start = max(start, ends)
    if start < end:
        yield start, end


SERVICE_HOURS = weekly("service", "Europe/London", time(8), time(20), EVERY_DAY)
OFFICE_HOURS = weekly("office", "Europe/London", time(9), time(17, 30), WORKDAYS, "GB")
