"""One clock: a setting fixes or shifts it, and nothing else in the product asks what time it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.clock import Clock, process_clock, set_clock, utc_now
from core.errors import NotAuthenticated
from core.settings import ROOT, Settings
from core.tokens import STAFF_AUDIENCE, read_token, sign_token

PACKAGES = ("core", "nlu", "knowledge_base", "actions", "assistant", "api")
CLOCK = ROOT / "core" / "clock.py"
# `limits` counts its windows by the machine's clock, and what is left of one is told by the same.
BY_THE_MACHINE = {ROOT / "api" / "limits.py"}
NAMES = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("func", "now"),
    ("func", "current_timestamp"),
    ("func", "current_date"),
    ("func", "localtimestamp"),
    ("func", "clock_timestamp"),
    ("func", "statement_timestamp"),
    ("func", "transaction_timestamp"),
}
IN_SQL = re.compile(
    r"(?<![\w.])(?:(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)"
    r"|current_(?:timestamp|date|time)\b|localtimestamp\b)",
    re.IGNORECASE,
)
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[None]:
    """Whatever a test sets, the next one reads the clock that was there."""
    before = process_clock()
    yield
    set_clock(before)


def sources() -> list[Path]:
    found = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    assert CLOCK in found
    return [path for path in found if path != CLOCK]


def readings(tree: ast.Module) -> Iterator[str]:
    """Where a module asks for the time itself: in Python, or in a statement that it writes."""
    documentation = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                if (owner, name) in NAMES:
                    yield f"{node.lineno}: {owner}.{name}"
            case ast.Constant(value=str(text)) if node not in documentation:
                if found := IN_SQL.search(text):
                    yield f"{node.lineno}: {found[0]}"


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("from datetime import datetime\nat = datetime.now()", ["2: datetime.now"]),
        ("import datetime as d\nat = d.datetime.utcnow()", ["2: datetime.utcnow"]),
        ("import time\nat = time.time()", ["2: time.time"]),
        ("late = due < func.now()", ["1: func.now"]),
        ("sql = 'select 1 where due < now()'", ["1: now()"]),
        ("sql = text('delete from a where at < CURRENT_TIMESTAMP')", ["1: CURRENT_TIMESTAMP"]),
        ("'''Rows of now().'''\nat = utc_now()\nsql = 'select clock_now()'", []),
        ("import time\nbegan = time.perf_counter()", []),
    ],
)
def test_a_reading_of_another_clock_is_seen(source: str, reads: list[str]) -> None:
    assert list(readings(ast.parse(source))) == reads


def test_nothing_but_the_clock_asks_what_time_it_is() -> None:
    found = {
        str(path.relative_to(ROOT)): list(readings(ast.parse(path.read_text(encoding="utf-8"))))
        for path in sources()
        if path not in BY_THE_MACHINE
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("setting", "shift"),
    [
        (None, timedelta()),
        ("+3600", timedelta(hours=1)),
        ("-90.5", timedelta(seconds=-90.5)),
    ],
)
def test_a_setting_shifts_the_clock(setting: str | None, shift: timedelta) -> None:
    ahead = Clock.parse(setting).now() - datetime.now(UTC)
    assert abs(ahead - shift) < timedelta(minutes=5)


def test_a_setting_starts_the_clock_at_a_time() -> None:
    assert abs(Clock.parse("2026-11-24T10:00:00+01:00").now() - TUESDAY) < timedelta(minutes=5)


def test_a_setting_stops_the_clock(clock: None) -> None:
    set_clock(Clock.parse("=2026-11-24T10:00:00+01:00"))
    assert (utc_now(), utc_now()) == (TUESDAY, TUESDAY)


@pytest.mark.parametrize("setting", ["tomorrow", "2026-11-24T10:00:00", "10:00", "=", "3600"])
def test_what_is_no_clock_is_refused(setting: str) -> None:
    with pytest.raises(ValidationError, match="clock"):
        Settings(clock=setting)


@pytest.mark.parametrize(
    ("minutes", "good"),
    [(0, True), (59, True), (61, False), (-1, False)],
)
def test_tokens_begin_and_end_by_this_clock(clock: None, minutes: int, good: bool) -> None:
    token = sign_token("s" * 32, STAFF_AUDIENCE, "somebody", TUESDAY, timedelta(hours=1))
    set_clock(Clock(fixed=TUESDAY + timedelta(minutes=minutes)))
    if good:
        assert read_token("s" * 32, STAFF_AUDIENCE, token)["sub"] == "somebody"
    else:
        with pytest.raises(NotAuthenticated):
            read_token("s" * 32, STAFF_AUDIENCE, token)
