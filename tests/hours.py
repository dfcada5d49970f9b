"""The hours at which `make test-full` runs the suite: `python -m tests.hours NAME` prints the setting CLOCK for one.

The clock is shifted from now on, so that processes which start one after the other, and the tests, read the same time.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

# The bank is in London: open; night; Christmas; ten minutes before summer time ends, at 01:00 UTC.
HOURS = {
    "tuesday": datetime(2026, 11, 24, 10, tzinfo=UTC),
    "sunday": datetime(2026, 11, 29, 3, tzinfo=UTC),
    "holiday": datetime(2026, 12, 25, 11, tzinfo=UTC),
    "daylight": datetime(2026, 10, 25, 0, 50, tzinfo=UTC),
}


def shift_to(name: str) -> str:
    """Return the setting CLOCK, in seconds, for the suite to begin at an hour; KeyError for one that is not here."""
    return f"{(HOURS[name] - datetime.now(UTC)).total_seconds():+.0f}"


if __name__ == "__main__":
    print(shift_to(sys.argv[1]))  # noqa: T201  (its output is what it is for)
