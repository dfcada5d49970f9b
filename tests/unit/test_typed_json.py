"""JSON columns hold typed values, and what an older version wrote still loads."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.dialects import postgresql

from actions.compliance.checks import Outcome
from core.database import TypedJson
from core.localized_text import LocalizedText

DIALECT = postgresql.dialect()


class Settings(BaseModel):
    """Settings as a version wrote them; requests with unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int
    days: int = 30


def read(shape: object, stored: Any) -> object:
    return TypedJson(shape).process_result_value(stored, DIALECT)


@pytest.mark.parametrize(
    ("stored", "settings"),
    [
        ({"limit": 3, "days": 7}, Settings(limit=3, days=7)),
        ({"limit": 3}, Settings(limit=3, days=30)),
        ({"limit": 3, "gone": "x"}, Settings(limit=3, days=30)),
        (None, None),
    ],
)
def test_an_older_row_loads_with_defaults_and_without_what_is_gone(
    stored: Any, settings: Settings | None
) -> None:
    assert read(Settings, stored) == settings


def test_a_row_that_lacks_what_has_no_default_is_an_error() -> None:
    with pytest.raises(ValidationError):
        read(Settings, {"days": 7})


def test_a_list_of_values_is_stored_by_the_names_of_its_fields() -> None:
    outcomes = [Outcome("kyc.valid", 1, "allow", LocalizedText("check.kyc_valid"))]
    stored = TypedJson(list[Outcome]).process_bind_param(outcomes, DIALECT)
    assert stored == [
        {
            "id": "kyc.valid",
            "version": 1,
            "outcome": "allow",
            "reason": {
                "code": "check.kyc_valid",
                "params": {},
                "en": "The identity check is valid.",
            },
        }
    ]
    assert read(list[Outcome], stored) == outcomes
