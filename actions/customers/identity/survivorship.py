"""Which of several values of a field counts. Pure; the rules are data.

A rule names sources in order, or how to choose: by trust in the source, by the newest, by confidence. What still ties is decided
by the newest and then by the source's name, so that the same values always give the same record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.bounds import Code

FieldName = Literal[
    "name",
    "native_name",
    "birth_date",
    "nationality",
    "residency",
    "language",
    "segment",
    "email",
    "phone",
    "address",
    "document",
    "monthly_income",
]
By = Literal["trust", "newest", "confidence"]


class FieldRule(BaseModel):
    """How the value of a field is chosen."""

    model_config = ConfigDict(extra="forbid")

    sources: Annotated[list[Code], Field(max_length=50)] = []  # these first, in this order
    by: Annotated[list[By], Field(min_length=1, max_length=10)] = ["trust", "newest", "confidence"]


class Rules(BaseModel):
    """How values are chosen; `fields` says where a field differs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "default": {"by": ["trust", "newest"]},
                    "fields": {"email": {"by": ["newest"]}, "name": {"sources": ["core"]}},
                }
            ]
        },
    )

    default: FieldRule = FieldRule()
    # What a customer tells us last is how to reach them; who they are is what papers say.
    fields: dict[FieldName, FieldRule] = {
        "email": FieldRule(by=["newest", "trust"]),
        "phone": FieldRule(by=["newest", "trust"]),
        "address": FieldRule(by=["newest", "trust"]),
    }


@dataclass(frozen=True)
class Value:
    """A value of a field with where it comes from."""

    value: object
    source: str
    trust: int
    as_of: datetime
    confidence: float
    key: str  # of the record, to tell values apart


def choose(field: FieldName, values: Sequence[Value], rules: Rules) -> Value:
    """The value that counts."""
    rule = rules.fields.get(field, rules.default)
    places: Mapping[str, int] = {source: place for place, source in enumerate(rule.sources)}

    def rank(value: Value) -> tuple[object, ...]:
        chosen = {
            "trust": -value.trust,
            "newest": -value.as_of.timestamp(),
            "confidence": -value.confidence,
        }
        first = places.get(value.source, len(places))
        return (
            first,
            *(chosen[by] for by in rule.by),
            -value.as_of.timestamp(),
            value.source,
            value.key,
        )

    return min(values, key=rank)
