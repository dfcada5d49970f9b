"""Who sees which variant, and what a campaign achieved beside who was left out. Pure.

A customer's place between 0 and 1 is a hash of campaign and customer: the same on every server and every day, and independent
between campaigns. The lift is the difference of two shares with Newcombe's hybrid score interval (Newcombe 1998, method 10).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from scipy.stats import binomtest

HOLDOUT = "holdout"
CONFIDENCE = 0.95


def place(campaign: UUID, customer: UUID) -> float:
    """Where a customer stands in a campaign, from 0 up to but not including 1."""
    digest = hashlib.sha256(f"{campaign}:{customer}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def variant_of(
    campaign: UUID, customer: UUID, holdout: float, variants: Sequence[tuple[str, float]]
) -> str:
    """The variant, by weight, of who is not held out."""
    at = place(campaign, customer)
    if at < holdout:
        return HOLDOUT
    rest = (at - holdout) / (1 - holdout)
    whole = sum(weight for _, weight in variants)
    passed = 0.0
    for code, weight in variants:
        passed += weight / whole
        if rest < passed:
            return code
    return variants[-1][0]


@dataclass(frozen=True)
class Lift:
    """What more of the contacted bought than of those left out, with the ends of its interval; None without both groups."""

    difference: float
    low: float
    high: float

    @property
    def proven(self) -> bool:
        """Whether the interval leaves out nothing at all."""
        return self.low > 0 or self.high < 0


def lift(bought: int, contacted: int, bought_without: int, left_out: int) -> Lift | None:
    """The difference of shares between contacted and left out."""
    if not contacted or not left_out:
        return None
    share, without = bought / contacted, bought_without / left_out
    low, high = _wilson(bought, contacted)
    low_without, high_without = _wilson(bought_without, left_out)
    difference = share - without
    return Lift(
        round(difference, 6),
        round(difference - math.hypot(share - low, high_without - without), 6),
        round(difference + math.hypot(high - share, without - low_without), 6),
    )


def _wilson(count: int, whole: int) -> tuple[float, float]:
    interval = binomtest(count, whole).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)
