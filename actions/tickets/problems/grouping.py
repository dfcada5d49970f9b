"""Groups of tickets that mean the same, and when one of them comes more often than it should. Pure rules over vectors.

Leader clustering in order of time: a ticket joins the group whose first ticket it is nearest to, or begins one. A group is
known by the ticket that began it, which is what people ask for first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

Matrix = NDArray[np.float32]
ALIKE = 0.72  # cosine from which two tickets mean the same
MIN_TICKETS = 5  # tickets of a day below which nothing is a surge
RARE = 0.001  # chance, by its own history, below which a day is a surge
TWICE = 2.0  # times the expected number that a surge has at least
WEEKS = 8  # of history


@dataclass(frozen=True)
class Group:
    """Rows of tickets that mean the same, in order of time; the first began it."""

    rows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.rows)


def groups(vectors: Matrix, alike: float = ALIKE) -> list[Group]:
    """Groups of unit vectors that stand in order of time, the largest first."""
    left = np.arange(len(vectors))
    grouped: list[Group] = []
    while len(left):
        near = vectors[left] @ vectors[left[0]] >= alike
        near[0] = True
        grouped.append(Group(tuple(int(row) for row in left[near])))
        left = left[~near]
    return sorted(grouped, key=lambda group: (-len(group), group.rows[0]))


def weekly_counts(days: Sequence[date], today: date, weeks: int = WEEKS) -> list[int]:
    """How many of these days lie in each of the last weeks, the present one last."""
    counts = [0] * weeks
    for day in days:
        back = (today - day).days // 7
        if 0 <= back < weeks:
            counts[weeks - 1 - back] += 1
    return counts


def trend(counts: Sequence[int]) -> float:
    """Tickets more each week, by least squares."""
    if len(counts) < 2:  # noqa: PLR2004  (a line needs two points)
        return 0.0
    return float(np.polyfit(np.arange(len(counts)), counts, 1)[0])


def expected_on(day: date, earlier: Sequence[date], weeks: int = WEEKS) -> float:
    """Tickets to expect on a day: the mean of its weekday, or of all days where that is more, over the weeks before it."""
    since = day - timedelta(weeks=weeks)
    days = [d for d in earlier if since <= d < day]
    same = sum(d.weekday() == day.weekday() for d in days) / weeks
    return max(same, len(days) / (7 * weeks))


def is_surge(today: int, expected: float) -> bool:
    """Whether so many are too many to be chance: Poisson with the expected mean, at least one in two weeks."""
    mean = max(expected, 1 / 14)
    return (
        today >= MIN_TICKETS and today >= TWICE * mean and float(poisson.sf(today - 1, mean)) < RARE
    )
