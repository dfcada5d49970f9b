"""What is expected of the days ahead, against series whose answer is known."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from assistant.analytics.forecast import MIN_HISTORY, expect, forecast
from assistant.analytics.reports import REPORTS, Period
from assistant.analytics.saved import next_sending
from core.catalogue import has_message
from core.errors import Invalid
from core.languages import LANGUAGES

WEEK = [10.0, 20.0, 30.0, 40.0, 50.0, 5.0, 5.0]
YESTERDAY = date(2026, 6, 7)


def test_a_week_that_repeats_is_expected_to_repeat_and_was_foreseen() -> None:
    told = forecast(WEEK * 8, YESTERDAY, 14)
    assert [day.value for day in told.days] == pytest.approx(WEEK * 2)
    assert told.days[0].day == date(2026, 6, 8)
    assert told.error == pytest.approx(0)
    assert told.naive_error == pytest.approx(0)


def test_the_level_of_the_last_fortnight_moves_the_weekdays() -> None:
    history = WEEK * 4 + [2 * value for value in WEEK] * 2
    usual, level = 8 * sum(WEEK) / 42, 2 * sum(WEEK) / 7
    assert expect(history, 7) == pytest.approx([day * 8 / 6 * level / usual for day in WEEK])


def test_the_weekday_is_kept_where_the_history_is_no_whole_number_of_weeks() -> None:
    history = [*WEEK[3:], *(WEEK * 4)]
    assert expect(history, 3) == pytest.approx(WEEK[:3], rel=0.2)


def test_too_little_past_foretells_nothing() -> None:
    assert forecast([1.0] * (MIN_HISTORY - 1), YESTERDAY, 7).days == []
    assert forecast([], YESTERDAY, 7).error is None


def test_the_range_holds_most_of_what_was_off() -> None:
    noisy = [value + (3 if week % 2 else -3) for week in range(8) for value in WEEK]
    told = forecast(noisy, YESTERDAY, 7)
    assert told.error is not None
    assert 0 < told.error < 0.4
    assert all(day.low <= day.value <= day.high for day in told.days)


@pytest.mark.parametrize(
    ("schedule", "now", "then"),
    [
        ("daily", "2026-06-01T05:00", "2026-06-01T06:00"),  # seven in London is six UTC in summer
        ("daily", "2026-06-01T06:00", "2026-06-02T06:00"),
        ("weekly", "2026-06-01T05:00", "2026-06-01T06:00"),  # a Monday
        ("weekly", "2026-06-03T12:00", "2026-06-08T06:00"),
        ("monthly", "2026-06-01T12:00", "2026-07-01T06:00"),
        ("monthly", "2026-12-31T23:00", "2027-01-01T07:00"),
        ("daily", "2026-10-24T12:00", "2026-10-25T07:00"),  # the clocks went back in the night
    ],
)
def test_a_report_is_sent_at_seven_in_the_banks_zone(schedule: str, now: str, then: str) -> None:
    sent = next_sending(schedule, datetime.fromisoformat(now).replace(tzinfo=UTC))  # type: ignore[arg-type]
    assert sent == datetime.fromisoformat(then).replace(tzinfo=UTC)


def test_a_period_has_a_zone_and_a_length() -> None:
    for start, end in (
        (datetime(2026, 6, 1), datetime(2026, 6, 2)),  # noqa: DTZ001
        (datetime(2026, 6, 2, tzinfo=UTC),) * 2,
    ):
        with pytest.raises(Invalid):
            Period(start, end)


def test_every_figure_has_its_name_in_both_languages() -> None:
    for report in REPORTS.values():
        codes = [f"report_name.{report.code}", *(f"measure.{one.key}" for one in report.measures)]
        for code in codes:
            assert all(has_message(code, language) for language in LANGUAGES), code
