"""The description of the API: every JSON body has an example, and every example is one that the route takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.app import create_app
from core.settings import Settings

APP = create_app(SimpleNamespace(settings=Settings()))  # type: ignore[arg-type]  # nothing else is asked of it
DESCRIBED: dict[str, Any] = APP.openapi()


def bodies() -> list[Any]:
    """Routes that take JSON, with the form of their body."""
    found = []
    routers = [
        included.original_router for included in APP.routes if hasattr(included, "original_router")
    ]
    for route in [route for router in routers for route in router.routes]:
        if isinstance(route, APIRoute) and route.body_field is not None and route.include_in_schema:
            method = next(iter(route.methods)).lower()
            content = DESCRIBED["paths"][route.path][method]["requestBody"]["content"]
            if "application/json" in content:
                schema = content["application/json"]["schema"]
                found.append(
                    pytest.param(
                        schema, route.body_field.field_info.annotation, id=f"{method} {route.path}"
                    )
                )
    assert found
    return found


@pytest.mark.parametrize(("schema", "form"), bodies())
def test_a_body_has_an_example_that_the_route_takes(schema: dict[str, Any], form: Any) -> None:
    schema = next(
        (one for one in schema.get("anyOf", []) if "$ref" in one), schema
    )  # a body that may be left out
    told = (
        DESCRIBED["components"]["schemas"][schema["$ref"].split("/")[-1]]
        if "$ref" in schema
        else schema
    )
    examples = told.get("examples") or []
    assert examples
    for example in examples:
        TypeAdapter(form).validate_python(example)
