"""What pydantic finds wrong with a request, as texts of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from core.catalogue import has_message
from core.errors import InvalidValue
from core.localized_text import LocalizedText, Param

# The number in an error's context by which its plural form is chosen.
COUNTED = ("min_length", "max_length")


def field_errors(
    errors: Sequence[Mapping[str, Any]], otherwise: str = "", skip: int = 0
) -> list[tuple[str, LocalizedText]]:
    """Each field that pydantic refuses with the reason; `skip` leaves out the first parts of a path, such as `body`."""
    return [(_path(error["loc"], otherwise, skip), message_of(error)) for error in errors]


def message_of(error: Mapping[str, Any]) -> LocalizedText:
    """The reason of one error by its type; pydantic's own words for a type that the catalogue does not have."""
    context = error.get("ctx") or {}
    if isinstance(reason := context.get("error"), InvalidValue):
        return reason.text
    code = f"validation.{error['type']}"
    if not has_message(code):
        return LocalizedText.free(str(error["msg"]))
    params = {key: _param(value) for key, value in context.items()}
    counts = [value for key in COUNTED if isinstance(value := context.get(key), int)]
    return LocalizedText(code, **(params | ({"count": counts[0]} if counts else {})))


def _path(place: Sequence[int | str], otherwise: str, skip: int) -> str:
    parts = place[skip:] or place[:1]
    return ".".join(str(part) for part in parts) or otherwise


def _param(value: Any) -> Param:
    return value if isinstance(value, str | int | float | Decimal | date) else str(value)
