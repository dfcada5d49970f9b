"""Clocks of tickets: examples that a person can check on a calendar, and laws that hold for every history."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.tickets.sla.timers import (
    ESCALATION,
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    RESOLUTION,
    SlaTimer,
    Step,
    service_timers,
    targeted_by,
)
from actions.tickets.ticket_config.sla_targets import SlaTarget
from core.clock import OFFICE_HOURS, BusinessCalendar, business_time, due_at, weekly, without

HOUR = timedelta(hours=1)
PROMISE = SlaTarget(
    OFFICE_HOURS, first_response=8 * HOUR, resolution=40 * HOUR, next_response=4 * HOUR
)
AGENT, CUSTOMER = "agent:1", "customer:1"


def monday(clock: str, day: int = 1) -> datetime:
    """A time in the week of 1 June 2026 in London (UTC+1)."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(2026, 6, day, hours, minutes, tzinfo=UTC) - HOUR


def named(clocks: list[SlaTimer]) -> dict[str, SlaTimer]:
    return {clock.name: clock for clock in clocks}


def opened(at: datetime) -> Step:
    return Step(at, "created", "new", CUSTOMER)


def moved(at: datetime, to: str, by: str = AGENT) -> Step:
    return Step(at, "state", to, by)


def said(at: datetime, by: str) -> Step:
    return Step(at, "comment", "public", by)


def test_waiting_for_the_customer_stops_the_resolution_and_not_the_first_response() -> None:
    plain = named(service_timers([opened(monday("09:00"))], PROMISE))
    waited = named(
        service_timers(
            [
                opened(monday("09:00")),
                moved(monday("10:00"), "waiting_customer"),
                moved(monday("15:00"), "open"),
            ],
            PROMISE,
        )
    )
    assert (
        business_time(plain[RESOLUTION].due_at, waited[RESOLUTION].due_at, OFFICE_HOURS) == 5 * HOUR
    )
    assert waited[FIRST_RESPONSE].due_at == plain[FIRST_RESPONSE].due_at == monday("17:00")


def test_a_clock_that_stands_has_no_end() -> None:
    clocks = named(
        service_timers(
            [opened(monday("09:00")), moved(monday("10:00"), "waiting_customer")], PROMISE
        )
    )
    assert clocks[RESOLUTION].due_at is None
    assert not clocks[RESOLUTION].runs


def test_internal_words_are_no_response_and_the_first_public_one_is() -> None:
    history = [
        opened(monday("09:00")),
        Step(monday("09:30"), "comment", "internal", AGENT),
        said(monday("11:00"), AGENT),
    ]
    assert named(service_timers(history, PROMISE))[FIRST_RESPONSE].met_at == monday("11:00")


def test_a_customers_word_asks_for_a_next_response_until_somebody_answers() -> None:
    history = [
        opened(monday("09:00")),
        said(monday("10:00"), AGENT),
        said(monday("12:00"), CUSTOMER),
    ]
    history.append(said(monday("13:00"), CUSTOMER))
    waiting = named(service_timers(history, PROMISE))
    assert waiting[NEXT_RESPONSE].due_at == monday("16:00")
    assert NEXT_RESPONSE not in named(
        service_timers([*history, said(monday("14:00"), AGENT)], PROMISE)
    )


def test_the_time_between_resolution_and_reopening_does_not_count() -> None:
    history = [opened(monday("09:00")), moved(monday("10:00"), "resolved")]
    done = named(service_timers(history, PROMISE))
    assert done[RESOLUTION].met_at == done[FIRST_RESPONSE].met_at == monday("10:00")
    closed = [*history, moved(monday("12:00"), "closed")]
    assert named(service_timers(closed, PROMISE))[RESOLUTION] == done[RESOLUTION]
    again = named(service_timers([*closed, moved(monday("15:00"), "open")], PROMISE))
    assert again[RESOLUTION].met_at is None
    assert (
        business_time(done[RESOLUTION].due_at, again[RESOLUTION].due_at, OFFICE_HOURS) == 5 * HOUR
    )


def test_a_merge_counts_from_the_earlier_opening_and_ends_the_other() -> None:
    earlier, later = monday("09:00"), monday("09:00", day=2)
    into = [
        opened(later),
        Step(later + HOUR, "merged_from", "T-1", AGENT, before=earlier.isoformat()),
    ]
    assert named(service_timers(into, PROMISE))[RESOLUTION].due_at == due_at(
        earlier, 40 * HOUR, OFFICE_HOURS
    )
    gone = [opened(earlier), Step(later, "merged", "T-2", AGENT, before="new")]
    assert named(service_timers(gone, PROMISE))[RESOLUTION].met_at == later


def test_an_escalated_priority_does_not_change_the_promise() -> None:
    history = [
        opened(monday("09:00")),
        Step(monday("12:00"), "priority", "high", ESCALATION, before="normal"),
    ]
    assert targeted_by(history, "priority", "high") == "normal"
    history.append(Step(monday("13:00"), "priority", "urgent", AGENT, before="high"))
    assert targeted_by(history, "priority", "urgent") == "urgent"


def test_a_night_shift_ends_on_the_next_day_and_a_worked_sunday_counts() -> None:
    night = BusinessCalendar(
        "night", "Europe/London", tuple(((time(22), time(6)),) for _ in range(7))
    )
    assert night.is_open(datetime(2026, 1, 10, 3, tzinfo=UTC))
    assert due_at(datetime(2026, 1, 10, 21, tzinfo=UTC), 3 * HOUR, night) == datetime(
        2026, 1, 11, 1, tzinfo=UTC
    )
    worked = BusinessCalendar(
        "w", "Asia/Shanghai", OFFICE_HOURS.week, "CN", open_on=frozenset({date(2026, 10, 10)})
    )
    assert worked.is_open(datetime(2026, 10, 10, 2, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 11), (date(2026, 10, 25), 13)])
def test_a_shift_over_the_change_of_time_is_as_long_as_it_is(day: date, hours: int) -> None:
    mornings = weekly("mornings", "Europe/London", time(0), time(12), range(7))
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    assert business_time(noon - timedelta(hours=14), noon, mornings) == timedelta(hours=hours)


# --- laws ---------------------------------------------------------------------------------------------------------------

ZONES = ("Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "UTC")
moments = st.integers(0, 76_000_000).map(
    lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
minutes = st.integers(1, 6000).map(lambda m: timedelta(minutes=m))


@st.composite
def calendars(draw: Any) -> BusinessCalendar:
    """Any weekly shifts, a holiday country or none, closed days."""
    shift = st.tuples(st.integers(0, 11), st.integers(12, 23)).map(
        lambda h: ((time(h[0]), time(h[1])),)
    )
    week = [draw(st.one_of(shift, st.just(()))) for _ in range(7)]
    week[draw(st.integers(0, 6))] = ((time(9), time(17)),)
    closed = draw(st.frozensets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=5))
    return BusinessCalendar(
        "any",
        draw(st.sampled_from(ZONES)),
        tuple(week),
        draw(st.sampled_from([None, "GB", "CN"])),
        closed=closed,
    )


@st.composite
def spans(draw: Any, start: datetime) -> list[tuple[datetime, datetime]]:
    """Pauses after a moment, in order and apart."""
    found, at = [], start
    for _ in range(draw(st.integers(0, 4))):
        begins = at + draw(minutes)
        at = begins + draw(minutes)
        found.append((begins, at))
    return found


@pytest.mark.full
@given(st.data(), calendars(), moments, minutes)
@settings(max_examples=150, deadline=None)
def test_exactly_the_target_has_passed_when_it_is_due(
    data: st.DataObject, calendar: BusinessCalendar, start: datetime, target: timedelta
) -> None:
    paused = data.draw(spans(start))
    due = due_at(start, target, calendar, paused)
    assert business_time(start, due, calendar, paused) == target
    assert business_time(start, due - timedelta(seconds=1), calendar, paused) < target


@pytest.mark.full
@given(st.data(), calendars(), moments, minutes)
@settings(max_examples=100, deadline=None)
def test_a_pause_never_makes_it_due_earlier_and_adds_its_business_time(
    data: st.DataObject, calendar: BusinessCalendar, start: datetime, target: timedelta
) -> None:
    paused = data.draw(spans(start))
    due, unpaused = due_at(start, target, calendar, paused), due_at(start, target, calendar)
    assert due >= unpaused
    counted = business_time(start, due, calendar)
    assert counted - target == sum(
        (business_time(a, min(b, due), calendar) for a, b in paused if a < due), timedelta()
    )


@given(st.data(), moments)
@settings(max_examples=100, deadline=None)
def test_what_is_left_of_a_span_and_what_is_taken_make_it_whole(
    data: st.DataObject, start: datetime
) -> None:
    taken = data.draw(spans(start))
    end = start + data.draw(minutes)
    left = list(without((start, end), taken))
    assert all(a < b for a, b in left)
    inside = sum((min(b, end) - a for a, b in taken if a < end), timedelta())
    assert sum((b - a for a, b in left), timedelta()) + inside == end - start


states = st.sampled_from(["open", "waiting_customer", "waiting_internal", "resolved"])


@given(st.data(), calendars(), moments)
@settings(max_examples=100, deadline=None)
def test_any_history_gives_clocks_that_agree_with_its_pauses(
    data: st.DataObject, calendar: BusinessCalendar, start: datetime
) -> None:
    promise = SlaTarget(calendar, timedelta(hours=4), timedelta(hours=20), timedelta(hours=2))
    at, history, state, running = start, [opened(start)], "new", timedelta()
    for _ in range(data.draw(st.integers(0, 8))):
        before, at = at, at + data.draw(minutes)
        if state not in ("waiting_customer", "resolved"):
            running += business_time(before, at, calendar)
        state = data.draw(states)
        history.append(moved(at, state))
    clock = named(service_timers(history, promise))[RESOLUTION]
    match state:
        case "waiting_customer":
            assert clock.due_at is None
        case "resolved":
            first = next(
                i for i in range(len(history)) if all(s.after == "resolved" for s in history[i:])
            )
            assert clock.met_at == history[first].at
        case _ if running < promise.resolution:
            assert clock.due_at is not None
            assert business_time(at, clock.due_at, calendar) == promise.resolution - running
        case _:
            assert clock.due_at is not None
            assert clock.due_at <= at
