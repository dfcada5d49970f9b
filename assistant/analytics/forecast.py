"""What is to be expected: a day's volume as the mean of that weekday in the last weeks, at the level of the last two.

A seasonal mean (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2). How far it was off is shown beside it:
the last weeks are forecast from what was known before each, and the error is the weighted absolute percentage error,
sum |actual - forecast| / sum actual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, quantiles

WEEK = 7
SEASONS = 6  # weeks that a weekday's mean is taken over
LEVEL = 14  # days that the level is taken over
FOLDS = 4  # weeks of the past that are forecast to tell the error
MIN_HISTORY = WEEK * 3  # days of history without which nothing is forecast


@dataclass(frozen=True)
class Expected:
    """What is expected of a day, and the range that eight days in ten fell into."""

    day: date
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Forecast:
    """The days ahead, and how far forecasts of the past were off: a share, None where there is too little past."""

    days: list[Expected]
    error: float | None
    naive_error: float | None  # of taking last week's same day instead


def expect(history: Sequence[float], ahead: int) -> list[float]:
    """The next days of a daily series whose last entry is yesterday."""
    recent = list(history[-SEASONS * WEEK :])
    usual = fmean(recent) or 1.0
    level = fmean(recent[-LEVEL:]) / usual
    by_weekday = [recent[at::WEEK] for at in range(WEEK)]
    first = len(recent) % WEEK
    return [fmean(by_weekday[(first + day) % WEEK]) * level for day in range(ahead)]


def forecast(history: Sequence[float], yesterday: date, ahead: int) -> Forecast:
    """Forecast a daily series; nothing where it is shorter than three weeks."""
    if len(history) < MIN_HISTORY:
        return Forecast([], None, None)
    errors, naive, actual = [], 0.0, 0.0
    for fold in range(FOLDS, 0, -1):
        training = history[: len(history) - fold * WEEK]
        if len(training) < MIN_HISTORY:
            continue
        week = history[len(training) : len(training) + WEEK]
        errors += [
            was - expected for was, expected in zip(week, expect(training, WEEK), strict=True)
        ]
        naive += sum(abs(was - before) for was, before in zip(week, training[-WEEK:], strict=True))
        actual += sum(week)
    low, high = _range(errors)
    days = [
        Expected(
            yesterday + timedelta(days=at + 1),
            round(value, 1),
            round(max(0.0, value + low), 1),
            round(value + high, 1),
        )
        for at, value in enumerate(expect(history, ahead))
    ]
    if not actual:
        return Forecast(days, None, None)
    return Forecast(days, sum(abs(error) for error in errors) / actual, naive / actual)


def _range(errors: Sequence[float]) -> tuple[float, float]:
    """Between which of its errors four fifths of the past lay."""
    if len(errors) < WEEK:
        return 0.0, 0.0
    tenths = quantiles(errors, n=10)
    return tenths[0], tenths[-1]
