"Time: the present, and business time on a calendar of opening hours and holidays. Rules take `now` as a value."

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

HORIZON = timedelta(days=730)  # no target of ours lies further away; a calendar without openings ends here


class NoBusinessTime(Exception):
    "The calendar has no opening hours within the horizon."


def utc_now() -> datetime:
    "The present, in UTC."
    return datetime.now(UTC)


@dataclass(frozen=True)
class BusinessCalendar:
    "Weekly opening hours in a time zone, less the public holidays of a country (`holidays` library)."

    name: str
    zone: str
    opens: time
    closes: time
    weekdays: frozenset[int]
    country: str | None = None

    def is_open(self, at: datetime) -> bool:
        "Whether `at` falls into opening hours."
        return any(start <= at < end for start, end in self._day_spans(at.astimezone(ZoneInfo(self.zone)).date()))

    def open_spans(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        "Opening spans in UTC from `after` on, in order; the first may be cut."
        day = after.astimezone(ZoneInfo(self.zone)).date()
        last = (after + HORIZON).date()
        while day <= last:
            for start, end in self._day_spans(day):
                if end > after:
                    yield max(start, after), end
            day += timedelta(days=1)

    def _day_spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day.weekday() not in self.weekdays or (self.country and day in _holidays(self.country)):
            return
        zone = ZoneInfo(self.zone)
        yield (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(day, self.closes, zone).astimezone(UTC),
        )


@lru_cache
def _holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


def due_at(opened: datetime, target: timedelta, calendar: BusinessCalendar) -> datetime:
    "When `target` of business time has passed since `opened`; NoBusinessTime when the calendar never opens."
    remaining = target
    for start, end in calendar.open_spans(after=opened):
        if end - start >= remaining:
            return start + remaining
        remaining -= end - start
    raise NoBusinessTime(calendar.name)


SERVICE_HOURS = BusinessCalendar("service", "Europe/London", time(8), time(20), frozenset(range(7)))
OFFICE_HOURS = BusinessCalendar("office", "Europe/London", time(9), time(17, 30), frozenset(range(5)), "GB")
