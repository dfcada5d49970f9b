"""Whether two descriptions are of one person, and which of several values counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.customers.identity.matching import LINK, REVIEW, PersonRecord, match
from actions.customers.identity.survivorship import FieldRule, Rules, Value, choose
from actions.customers.sources.records import Problem, digest_of, read_row

ANNA = PersonRecord(
    name="Anna Maria Schneider",
    birth_date=date(1984, 3, 5),
    document="P7654321",
    email="anna@example.com",
    phone="+4915112345678",
    address="12 Linden Street, 10115 Berlin",
)
WANG = PersonRecord(
    name="Wang Xiaoming", native_name="王晓明", birth_date=date(1990, 7, 9), document="E12345678"
)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (
            ANNA,
            PersonRecord("Schneider, Anna", birth_date=date(1984, 3, 5), document="p 7654321"),
            "link",
        ),
        (
            ANNA,
            PersonRecord("Anna Schneider", birth_date=date(1984, 3, 5), email="ANNA@example.com"),
            "link",
        ),
        (ANNA, PersonRecord("Anna Maria Schneider", birth_date=date(1984, 3, 5)), "review"),
        (
            ANNA,
            PersonRecord(
                "Anna Maria Schneider", birth_date=date(1984, 5, 3), email="anna@example.com"
            ),
            "review",
        ),
        (
            ANNA,
            PersonRecord(
                "Anna Maria Schneider",
                birth_date=date(1958, 1, 1),
                email="anna@example.com",
                phone="+4915112345678",
            ),
            "review",
        ),
        # Twins at one address and number: nobody is linked by that alone.
        (
            ANNA,
            PersonRecord(
                "Lukas Schneider",
                birth_date=date(1984, 3, 5),
                phone="+4915112345678",
                address=ANNA.address,
            ),
            "other",
        ),
        # Twins with names that resemble each other: a person looks.
        (
            ANNA,
            PersonRecord(
                "Anne Schneider",
                birth_date=date(1984, 3, 5),
                phone="+4915112345678",
                address=ANNA.address,
            ),
            "review",
        ),
        (ANNA, PersonRecord("Peter Kowalski", birth_date=date(1984, 3, 5)), "other"),
        (ANNA, PersonRecord("Anna Maria Schneider"), "other"),
        (
            ANNA,
            PersonRecord(
                "Anna Maria Schneider",
                birth_date=date(1984, 3, 5),
                document="X999",
                email="other@example.com",
            ),
            "other",
        ),
        (WANG, PersonRecord("王晓明", birth_date=date(1990, 7, 9), document="E12345678"), "link"),
        (
            WANG,
            PersonRecord("Xiaoming WANG", birth_date=date(1990, 7, 9), document="E12345678"),
            "link",
        ),
        (WANG, PersonRecord("Николай Иванов", birth_date=date(1990, 7, 9)), "other"),
    ],
)
def test_evidence_adds_up_to_a_verdict(
    one: PersonRecord, other: PersonRecord, verdict: str
) -> None:
    for first, second in ((one, other), (other, one)):
        found = match(first, second)
        assert (
            "link" if found.score >= LINK else "review" if found.score >= REVIEW else "other"
        ) == verdict, found


NOW = datetime(2026, 6, 1, tzinfo=UTC)
VALUES = [
    Value("core", "core_banking", 90, NOW - timedelta(days=900), 1.0, "a"),
    Value("credit", "credit", 60, NOW - timedelta(days=10), 0.99, "b"),
    Value("channel", "channels", 30, NOW, 0.97, "c"),
]


@pytest.mark.parametrize(
    ("rules", "field", "chosen"),
    [
        (Rules(), "name", "core"),
        (Rules(), "email", "channel"),
        (Rules(default=FieldRule(by=["newest"])), "name", "channel"),
        (Rules(fields={"name": FieldRule(sources=["credit", "core_banking"])}), "name", "credit"),
        (Rules(fields={"name": FieldRule(by=["confidence"])}), "name", "core"),
    ],
)
def test_rules_choose(rules: Rules, field: Any, chosen: str) -> None:
    for order in permutations(VALUES):
        assert choose(field, order, rules).value == chosen


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 3)),
        min_size=1,
        max_size=6,
    ),
    st.randoms(),
)
def test_the_order_in_which_sources_came_decides_nothing(
    rows: list[tuple[str, int, int]], shuffled: Any
) -> None:
    values = [
        Value(n, source, trust * 30, NOW + timedelta(days=day), 1.0, str(n))
        for n, (source, trust, day) in enumerate(rows)
    ]
    other = list(values)
    shuffled.shuffle(other)
    assert choose("name", values, Rules()) == choose("name", other, Rules())


def row(**values: Any) -> Any:
    return read_row("person", {"key": "1", "name": "Ann Example", **values})


@pytest.mark.parametrize(
    ("values", "field", "check"),
    [
        ({"birth_date": "2090-01-01"}, "birth_date", "range"),
        ({"birth_date": "1984-02-30"}, "birth_date", "range"),
        ({"nationality": "Germany"}, "nationality", "schema"),
        ({"email": "nobody"}, "email", "range"),
        ({"monthly_income": "-1"}, "monthly_income", "range"),
        ({"shoe_size": "44"}, "shoe_size", "schema"),
        ({"name": ""}, "name", "schema"),
    ],
)
def test_a_row_that_cannot_be_right_names_its_field_and_check(
    values: dict[str, Any], field: str, check: str
) -> None:
    found = row(**values)
    assert isinstance(found, list)
    assert [(problem.field, problem.check) for problem in found] == [(field, check)]
    assert isinstance(found[0], Problem)


def test_spelling_is_one_and_time_is_no_content() -> None:
    one, other = (
        row(phone="+49 151 12345678", email=" Ann@Example.com "),
        row(phone="+49 (151) 1234-5678", email="ann@example.com"),
    )
    assert one.email == other.email
    again = row(phone="+49 (151) 1234-5678", email="ann@example.com", as_of="2026-01-01T00:00:00Z")
    assert digest_of(other) == digest_of(again)
