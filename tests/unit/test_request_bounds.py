"""Nothing that a caller sends is without an end: every text, number, list and open object of every request has a bound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from actions.tickets.catalogue.fields import NotAnswered, Surroundings, check_answer
from actions.tickets.ticket_config.contents import CONTENTS, FieldContent, Texts
from api.description import description
from core.bounds import Code, Percent, Quantity, ShortText, Version
from core.money import AmountDecimal, Money

# Formats whose texts have a length by themselves.
BOUNDED_FORMATS = {"uuid", "date", "date-time", "time", "duration", "email", "binary"}
Schema = dict[str, Any]


def unbounded(schema: Schema, schemas: dict[str, Schema], where: str = "") -> Iterator[str]:
    """Where in a schema a value has no end."""
    walked: set[str] = set()

    def walk(part: Schema, where: str) -> Iterator[str]:
        if "$ref" in part:
            name = part["$ref"].rsplit("/", 1)[-1]
            if name not in walked:
                walked.add(name)
                yield from walk(schemas[name], name)
            return
        if not _has_end(part, schemas):
            yield where
        for inner, name in _parts(part):
            yield from walk(inner, where + name)

    yield from walk(schema, where)


def _parts(part: Schema) -> Iterator[tuple[Schema, str]]:
    for several in ("anyOf", "oneOf", "allOf"):
        for inner in part.get(several, []):
            yield inner, ""
    for inner in (part.get("items"), *part.get("prefixItems", [])):
        if isinstance(inner, dict):
            yield inner, "[]"
    for name, inner in part.get("properties", {}).items():
        yield inner, f".{name}"
    if isinstance(values := part.get("additionalProperties"), dict):
        yield values, "{}"


def _has_end(part: Schema, schemas: dict[str, Schema]) -> bool:
    """What may be anything counts as bounded: it stands below a body whose bytes and levels are counted."""
    if "enum" in part or "const" in part:
        return True
    keys = set(part)
    match part.get("type"):
        case "string":
            # A file has the bound of its body.
            sized = bool({"maxLength", "contentMediaType"} & keys)
            return sized or part.get("format") in BOUNDED_FORMATS
        case "integer" | "number":
            low, high = (
                {"minimum", "exclusiveMinimum"} & keys,
                {"maximum", "exclusiveMaximum"} & keys,
            )
            return bool(low and high)
        case "array":
            return "maxItems" in part
        case "object" if part.get("additionalProperties") and "maxProperties" not in part:
            return _has_end_of_names(part.get("propertyNames", {}), schemas)
    return True


def _has_end_of_names(names: Schema, schemas: dict[str, Schema]) -> bool:
    if "$ref" in names:
        names = schemas[names["$ref"].rsplit("/", 1)[-1]]
    return "enum" in names or "const" in names


def test_every_value_of_every_request_has_a_bound() -> None:
    contract = description()
    schemas = contract["components"]["schemas"]
    places = []
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            route = f"{method} {path} "
            for parameter in operation.get("parameters", []):
                name = f"{route}{parameter['in']}:{parameter['name']}"
                places += unbounded(parameter["schema"], schemas, name)
            for body in operation.get("requestBody", {}).get("content", {}).values():
                places += unbounded(body["schema"], schemas, f"{route}body")
    assert sorted(set(places)) == []


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_value_of_a_configuration_has_a_bound(kind: Any) -> None:
    schema = CONTENTS[kind].model_json_schema()
    assert list(unbounded(schema, schema.get("$defs", {}), kind)) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "pattern": "^a+$"},
        {"type": "integer", "minimum": 0},
        {"type": "number", "exclusiveMaximum": 1},
        {"type": "array", "items": {"type": "boolean"}},
        {"type": "array", "maxItems": 3, "items": {"type": "string"}},
        {"type": "object", "additionalProperties": True},
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 3},
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}]}}},
        {"$ref": "#/components/schemas/Texts"},
    ],
    ids=str,
)
def test_a_value_without_a_bound_is_noticed(schema: Schema) -> None:
    assert list(unbounded(schema, {"Texts": {"type": "string"}}, "body"))


NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXPONENTS = ("1e-999999999", "1E+999999", "1e999999999", "-1E+999999999", "9" * 100_000)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        *((form, value) for form in (AmountDecimal, Percent) for value in EXPONENTS),
        *((Money, {"amount": value, "currency": "EUR"}) for value in (*EXPONENTS, "1e30")),
        (Money, {"amount": "1.00", "currency": "E" * 100_000}),
        (Money, {"amount": 10**30, "currency": "EUR"}),
        (Quantity, 1e16),
        (Quantity, float("nan")),
        (Version, 2**31),
        (Version, -1),
        (Code, "a" * 101),
        (ShortText, "a" * 201),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_value_beyond_its_bound_is_not_valid(form: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(form).validate_python(value)


def test_values_within_their_bounds_are_taken() -> None:
    assert TypeAdapter(Percent).validate_python("12.50") == Decimal("12.50")
    assert TypeAdapter(Percent).validate_python(40) == Decimal(40)
    assert TypeAdapter(Money).validate_python({"amount": "-1250.5", "currency": "EUR"})


def field(kind: str) -> FieldContent:
    """A field of a request, without limits of its own."""
    text = Texts(en="How much?", zh="多少？").model_dump()
    options = [{"value": "a", "names": text}] if kind == "choice" else []
    return FieldContent.model_validate(
        {"key": "value", "type": kind, "names": text, "ask": text, "options": options}
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("amount", {"amount": sent, "currency": "EUR"}) for sent in (*EXPONENTS, "1e30", "NaN")),
        ("number", 1e300),
        ("number", float("inf")),
        ("number", 10**300),
        ("number", float("nan")),
        ("country", ["DE"]),
        ("choice", {"value": "a"}),
        ("email", "a" * 100_000 + "@example.com"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_answer_beyond_every_amount_is_asked_again(kind: str, value: object) -> None:
    with pytest.raises(NotAnswered):
        check_answer(field(kind), value, Surroundings(NOW, "en"))
